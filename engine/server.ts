import * as grpc from "@grpc/grpc-js";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import * as engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import * as resourceRpc from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as resource from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Deployment, LogLine } from "./deployment";
import { fromStruct, toStruct } from "./property-values";

const FEATURES = new Set([
  "secrets",
  "resourceReferences",
  "outputValues",
  "aliasSpecs",
  "deletedWith",
  "replaceWith",
  "transforms",
  "parameterization",
  "resourceHooks",
  "errorHooks",
]);

/** The SDK's own limit of a message's size. */
const MESSAGE_BYTES = 400 * 1024 * 1024;

export interface RunningServer {
  /** `host:port` of both services. */
  address: string;
  close(): void;
}

/** Serves the ResourceMonitor and Engine services of one deployment on a free port of the loopback interface. */
export async function serve(deployment: Deployment): Promise<RunningServer> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": MESSAGE_BYTES });
  server.addService(resourceRpc.ResourceMonitorService, resourceMonitor(deployment));
  server.addService(engineRpc.EngineService, engineService(deployment));
  const port = await bindFresh(server);
  return { address: `127.0.0.1:${port}`, close };

  function close(): void {
    deployment.transforms.close();
    server.forceShutdown();
  }
}

/** Ports of earlier servers of this process. */
const usedPorts = new Set<number>();

/**
 * Binds a server to a port that none before it had. All clients of a process share connections by address: one that was lost with an
 * earlier server would be waited for, and the first call to the new one would fail.
 */
async function bindFresh(server: grpc.Server): Promise<number> {
  // The system has some 28,000 ports to give, and connections are forgotten within seconds.
  if (usedPorts.size > 5000) usedPorts.clear();
  for (;;) {
    const port = await bind(server);
    if (usedPorts.has(port)) continue;
    usedPorts.add(port);
    return port;
  }
}

const bind = (server: grpc.Server) =>
  new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });

/** A failure is told to the SDK as the real engine tells it: the monitor is gone. The reason stays with the deployment. */
function answer<Request, Response>(
  deployment: Deployment,
  handle: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return async (call, callback) => {
    try {
      if (deployment.failure) throw deployment.failure;
      callback(null, await handle(call.request));
    } catch (error) {
      deployment.fail(error as Error);
      callback({ code: grpc.status.UNAVAILABLE, details: "the deployment has failed" });
    }
  };
}

function resourceMonitor(deployment: Deployment): grpc.UntypedServiceImplementation {
  return {
    supportsFeature: answer(deployment, (request: resource.SupportsFeatureRequest) =>
      new resource.SupportsFeatureResponse().setHassupport(FEATURES.has(request.getId())),
    ),
    registerResource: answer(deployment, async (request: resource.RegisterResourceRequest) => {
      const { urn, id, outputs } = await deployment.register(request);
      return new resource.RegisterResourceResponse().setUrn(urn).setId(id).setObject(toStruct(outputs));
    }),
    registerResourceOutputs: answer(deployment, (request: resource.RegisterResourceOutputsRequest) => {
      deployment.registerOutputs(request.getUrn(), fromStruct(request.getOutputs()));
      return new Empty();
    }),
    readResource: answer(deployment, (request: resource.ReadResourceRequest) => {
      const { urn, outputs } = deployment.read(request);
      return new resource.ReadResourceResponse().setUrn(urn).setProperties(toStruct(outputs));
    }),
    invoke: answer(deployment, (request: resource.ResourceInvokeRequest) => {
      throw new Error(
        `the program calls the function "${request.getTok()}", which a provider would answer; ` +
          "the embedded engine creates resources only, so pass the value by config, or use `pulumi up`",
      );
    }),
    call: answer(deployment, (request: resource.ResourceCallRequest) => {
      throw new Error(
        `the program calls the method "${request.getTok()}" of a provider, which the embedded engine has not`,
      );
    }),
    registerPackage: answer(deployment, (request: resource.RegisterPackageRequest) =>
      new resource.RegisterPackageResponse().setRef(request.getName()),
    ),
    registerStackTransform: answer(deployment, (callback: Callback) => {
      deployment.transforms.addToStack(callback);
      return new Empty();
    }),
    // Hooks run around creation and deletion; nothing is created here.
    registerResourceHook: answer(deployment, () => new Empty()),
    registerErrorHook: answer(deployment, () => new Empty()),
    signalAndWaitForShutdown: answer(deployment, () => new Empty()),
  };
}

function engineService(deployment: Deployment): grpc.UntypedServiceImplementation {
  let root = "";
  return {
    log: answer(deployment, (request: engine.LogRequest) => {
      deployment.log.push({
        severity: severityOf(request.getSeverity()),
        message: request.getMessage(),
        urn: request.getUrn(),
      });
      return new Empty();
    }),
    getRootResource: answer(deployment, () => new engine.GetRootResourceResponse().setUrn(root)),
    setRootResource: answer(deployment, (request: engine.SetRootResourceRequest) => {
      root = request.getUrn();
      return new engine.SetRootResourceResponse();
    }),
    requirePulumiVersion: answer(deployment, () => new engine.RequirePulumiVersionResponse()),
  };
}

function severityOf(severity: engine.LogSeverity): LogLine["severity"] {
  switch (severity) {
    case engine.LogSeverity.ERROR:
      return "error";
    case engine.LogSeverity.WARNING:
      return "warning";
    case engine.LogSeverity.INFO:
      return "info";
    default:
      return "debug";
  }
}
