#!/bin/sh
# A root, an intermediate and leaves with openssl alone, as programs/library makes them. Usage: hierarchy.sh <empty folder> <leaves>
set -eu
cd "$1"

key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null
}

sign() { # name, issuer, days, extensions
  printf '%s\n' "$4" >"$1.cnf"
  openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -days "$3" -sha256 -extfile "$1.cnf" -out "$1.crt" 2>/dev/null
}

key root
openssl req -x509 -new -key root.key -sha256 -days 3650 -subj "/O=Example/CN=Example root" -out root.crt \
  -addext "basicConstraints=critical,CA:TRUE,pathlen:1" -addext "keyUsage=critical,keyCertSign,cRLSign"

key issuer
openssl req -new -key issuer.key -subj "/O=Example/CN=Example issuer" -out issuer.csr
sign issuer root 1825 "basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid"

leaf=1
while [ "$leaf" -le "$2" ]; do
  name=leaf-$leaf
  key "$name"
  openssl req -new -key "$name.key" -subj "/CN=$name" -addext "subjectAltName=DNS:$name.example.com" -out "$name.csr"
  sign "$name" issuer 90 "basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=DNS:$name.example.com
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid"
  mkdir "$name"
  cat "$name.crt" issuer.crt >"$name/tls.crt"
  cp "$name.key" "$name/tls.key"
  cp root.crt "$name/ca.crt"
  leaf=$((leaf + 1))
done
