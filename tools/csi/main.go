// Command csi stands in for SPIFFE's CSI driver and for the program that registers it with the kubelet, with their arguments:
// `csi driver` binds a folder with the socket of the Workload API into pods, `csi registrar` tells the kubelet of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) > 0 && args[0] == "driver":
		return serveDriver(args[1:])
	case len(args) > 0 && args[0] == "registrar":
		return serveRegistrar(args[1:])
	}
	return fmt.Errorf("usage: csi driver | csi registrar")
}

// serve answers on a Unix socket until the program ends.
func serve(socket string, register func(*grpc.Server)) error {
	if err := os.RemoveAll(socket); err != nil {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	register(server)
	return server.Serve(listener)
}

type driver struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedNodeServer
	name, folder string
}

func serveDriver(args []string) error {
	flags := flag.NewFlagSet("driver", flag.ExitOnError)
	folder := flags.String("workload-api-socket-dir", "", "folder with the socket")
	name := flags.String("plugin-name", "csi.spiffe.io", "name of the driver")
	socket := flags.String("csi-socket-path", "", "socket that the kubelet calls")
	if err := flags.Parse(args); err != nil {
		return err
	}
	one := &driver{name: *name, folder: *folder}
	return serve(*socket, func(server *grpc.Server) {
		csi.RegisterIdentityServer(server, one)
		csi.RegisterNodeServer(server, one)
	})
}

func (d *driver) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: d.name, VendorVersion: "stand-in"}, nil
}

func (d *driver) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	return &csi.GetPluginCapabilitiesResponse{}, nil
}

func (d *driver) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{}, nil
}

func (d *driver) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	return &csi.NodeGetCapabilitiesResponse{}, nil
}

func (d *driver) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: os.Getenv("MY_NODE_NAME")}, nil
}

func (d *driver) NodePublishVolume(_ context.Context, request *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	target := request.GetTargetPath()
	if !request.GetReadonly() {
		return nil, fmt.Errorf("%s is not read-only", target)
	}
	if err := os.MkdirAll(target, 0o755); err != nil {
		return nil, err
	}
	if err := unix.Mount(d.folder, target, "", unix.MS_BIND, ""); err != nil {
		return nil, fmt.Errorf("bind %s to %s: %w", d.folder, target, err)
	}
	if err := unix.Mount("", target, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		return nil, fmt.Errorf("make %s read-only: %w", target, err)
	}
	return &csi.NodePublishVolumeResponse{}, nil
}

func (d *driver) NodeUnpublishVolume(_ context.Context, request *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	target := request.GetTargetPath()
	if err := unix.Unmount(target, 0); err != nil && err != unix.EINVAL && err != unix.ENOENT {
		return nil, err
	}
	return &csi.NodeUnpublishVolumeResponse{}, os.RemoveAll(target)
}

type registrar struct {
	registration.UnimplementedRegistrationServer
	name, endpoint string
}

func serveRegistrar(args []string) error {
	flags := flag.NewFlagSet("registrar", flag.ExitOnError)
	address := flags.String("csi-address", "", "socket of the driver here")
	endpoint := flags.String("kubelet-registration-path", "", "socket of the driver as the kubelet sees it")
	health := flags.Int("health-port", 0, "port of the health check")
	if err := flags.Parse(args); err != nil {
		return err
	}
	connection, err := grpc.NewClient("unix://"+*address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	info, err := csi.NewIdentityClient(connection).GetPluginInfo(
		context.Background(), &csi.GetPluginInfoRequest{}, grpc.WaitForReady(true),
	)
	if err != nil {
		return err
	}
	go func() {
		ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		fmt.Fprintln(os.Stderr, http.ListenAndServe(fmt.Sprintf(":%d", *health), ok))
		os.Exit(1)
	}()
	socket := filepath.Join("/registration", info.GetName()+"-reg.sock")
	one := &registrar{name: info.GetName(), endpoint: *endpoint}
	return serve(socket, func(server *grpc.Server) { registration.RegisterRegistrationServer(server, one) })
}

func (r *registrar) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type:              registration.CSIPlugin,
		Name:              r.name,
		Endpoint:          r.endpoint,
		SupportedVersions: []string{"1.0.0"},
	}, nil
}

func (r *registrar) NotifyRegistrationStatus(_ context.Context, status *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	if !status.GetPluginRegistered() {
		return nil, fmt.Errorf("the kubelet refuses the driver: %s", status.GetError())
	}
	return &registration.RegistrationStatusResponse{}, nil
}
