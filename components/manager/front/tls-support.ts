/** Reason why NGINX before 1.19.4 cannot be a front. */
export const lacksRejection = "cannot turn away a TLS handshake (ssl_reject_handshake)";
