import * as grpc from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { type Callback, CallbackInvokeRequest, type CallbackInvokeResponse } from "@pulumi/pulumi/proto/callback_pb";
import {
  type RegisterResourceRequest,
  TransformRequest,
  TransformResourceOptions,
  TransformResponse,
} from "@pulumi/pulumi/proto/resource_pb";

/** The program's transforms (`opts.transforms`, `registerResourceTransform`), which it answers itself over gRPC. */
export class Transforms {
  readonly #ofStack: Callback[] = [];
  readonly #ofResource = new Map<string, { callbacks: Callback[]; parent: string }>();
  readonly #clients = new Map<string, CallbacksClient>();

  addToStack(callback: Callback): void {
    this.#ofStack.push(callback);
  }

  /** Lets a resource's transforms apply to its children. */
  addToResource(urn: string, parent: string, callbacks: Callback[]): void {
    this.#ofResource.set(urn, { callbacks, parent });
  }

  /** Changes the request as its own transforms, its parents' and the stack's say, in this order, as the real engine does. */
  async apply(request: RegisterResourceRequest, parent: string): Promise<void> {
    const callbacks = [...request.getTransformsList()];
    for (let urn = parent; urn !== ""; urn = this.#ofResource.get(urn)?.parent ?? "") {
      callbacks.push(...(this.#ofResource.get(urn)?.callbacks ?? []));
    }
    for (const callback of [...callbacks, ...this.#ofStack]) await this.#applyOne(callback, request, parent);
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  async #applyOne(callback: Callback, request: RegisterResourceRequest, parent: string): Promise<void> {
    const question = new TransformRequest()
      .setType(request.getType())
      .setName(request.getName())
      .setCustom(request.getCustom())
      .setParent(parent)
      .setProperties(request.getObject())
      .setOptions(optionsOf(request));
    const bytes = await this.#invoke(callback, question.serializeBinary());
    const answer = TransformResponse.deserializeBinary(bytes);
    if (answer.hasProperties()) request.setObject(answer.getProperties());
    const options = answer.getOptions();
    if (options) setOptions(request, options);
  }

  #invoke(callback: Callback, question: Uint8Array): Promise<Uint8Array> {
    const request = new CallbackInvokeRequest().setToken(callback.getToken()).setRequest(question);
    return new Promise((resolve, reject) => {
      this.#client(callback.getTarget()).invoke(
        request,
        (error: grpc.ServiceError | null, answer: CallbackInvokeResponse) =>
          error ? reject(new Error(error.details)) : resolve(answer.getResponse_asU8()),
      );
    });
  }

  #client(target: string): CallbacksClient {
    const client = this.#clients.get(target) ?? new CallbacksClient(target, grpc.credentials.createInsecure());
    this.#clients.set(target, client);
    return client;
  }
}

function optionsOf(request: RegisterResourceRequest): TransformResourceOptions {
  const options = new TransformResourceOptions()
    .setDependsOnList(request.getDependenciesList())
    .setIgnoreChangesList(request.getIgnorechangesList())
    .setReplaceOnChangesList(request.getReplaceonchangesList())
    .setVersion(request.getVersion())
    .setAliasesList(request.getAliasesList())
    .setProvider(request.getProvider())
    .setCustomTimeouts(request.getCustomtimeouts())
    .setPluginDownloadUrl(request.getPlugindownloadurl())
    .setDeletedWith(request.getDeletedwith())
    .setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList())
    .setHooks(request.getHooks())
    .setImport(request.getImportid())
    .setReplaceWithList(request.getReplaceWithList());
  if (request.hasProtect()) options.setProtect(request.getProtect() ?? false);
  if (request.hasRetainondelete()) options.setRetainOnDelete(request.getRetainondelete() ?? false);
  if (request.getDeletebeforereplacedefined()) options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  for (const [name, reference] of request.getProvidersMap().entries()) options.getProvidersMap().set(name, reference);
  return options;
}

function setOptions(request: RegisterResourceRequest, options: TransformResourceOptions): void {
  request
    .setDependenciesList(options.getDependsOnList())
    .setIgnorechangesList(options.getIgnoreChangesList())
    .setReplaceonchangesList(options.getReplaceOnChangesList())
    .setVersion(options.getVersion())
    .setAliasesList(options.getAliasesList())
    .setProvider(options.getProvider())
    .setCustomtimeouts(options.getCustomTimeouts())
    .setDeletedwith(options.getDeletedWith())
    .setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList());
  if (options.hasProtect()) request.setProtect(options.getProtect() ?? false);
  if (options.hasRetainOnDelete()) request.setRetainondelete(options.getRetainOnDelete() ?? false);
  if (options.hasDeleteBeforeReplace()) {
    request.setDeletebeforereplace(options.getDeleteBeforeReplace() ?? false).setDeletebeforereplacedefined(true);
  }
}
