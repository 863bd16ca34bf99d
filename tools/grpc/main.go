// Command grpc makes one gRPC call as a Go program does, NGINX Agent among them, and writes the status that it sees as JSON.
// Messages are bytes: no service is described here.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
)

// A call is read from stdin. Certificates and keys are PEM.
type call struct {
	Address     string `json:"address"`
	ServerName  string `json:"serverName"`
	Authority   string `json:"authority"`
	Roots       string `json:"roots"`
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
	Method      string `json:"method"`
	Message     string `json:"message"`
}

type result struct {
	Code    uint32 `json:"code"`
	Message string `json:"message"`
	Reply   string `json:"reply"`
}

// raw hands bytes through.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (raw) Name() string { return "proto" }

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var c call
	if err := json.NewDecoder(in).Decode(&c); err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(c.Roots)) {
		return fmt.Errorf("roots: no certificate")
	}
	config := &tls.Config{RootCAs: roots, ServerName: c.ServerName, MinVersion: tls.VersionTLS12}
	if c.Certificate != "" {
		pair, err := tls.X509KeyPair([]byte(c.Certificate), []byte(c.Key))
		if err != nil {
			return err
		}
		// Sent whatever authorities the server names, as an attacker would.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	connection, err := grpc.NewClient("passthrough:///"+c.Address, grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	options := []grpc.CallOption{grpc.ForceCodec(raw{})}
	if c.Authority != "" {
		options = append(options, grpc.CallAuthority(c.Authority))
	}
	message, reply := []byte(c.Message), []byte(nil)
	err = connection.Invoke(ctx, c.Method, &message, &reply, options...)
	return json.NewEncoder(out).Encode(result{uint32(status.Code(err)), status.Convert(err).Message(), string(reply)})
}
