// The SPIFFE ID of a client, in http and stream, and the end of a TCP session whose client is not allowed.
// certificate-reader.njs stands before this text.

// Longest SPIFFE ID in bytes, from the SPIFFE-ID specification.
const LONGEST_ID = 2048;

// js_set: the only URI of the client certificate if it is the SPIFFE ID of a workload; "" otherwise.
function peer(s) {
  const uri = clientName(s, URI, LONGEST_ID);
  return /^spiffe:\/\/[a-z0-9._-]+(\/[A-Za-z0-9._-]+)+$/.test(uri) ? uri : '';
}

// js_preread: denies a session whose client is not allowed. The handshake is over by then.
function admit(session) {
  if (session.variables.mesh_allowed === 'yes') {
    session.allow();
  } else {
    session.deny();
  }
}

export default { peer, admit };
