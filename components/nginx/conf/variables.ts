/** Variables of NGINX's own modules in `http` and `stream`, but for those with one of the prefixes. */
const names = new Set(
  `
  ancient_browser args binary_remote_addr body_bytes_sent bytes_received bytes_sent connection connection_requests connection_time
  content_length content_type date_gmt date_local document_root document_uri fastcgi_path_info fastcgi_script_name gzip_ratio host hostname
  http2 http3 https invalid_referer is_args is_request_port limit_conn_status limit_rate limit_req_status modern_browser
  mqtt_preread_clientid mqtt_preread_username msec msie nginx_version pid pipe protocol proxy_add_x_forwarded_for proxy_host proxy_port query_string
  realip_remote_addr realip_remote_port realpath_root remote_addr remote_port remote_user request request_body request_body_file
  request_completion request_filename request_id request_length request_method request_port request_time request_uri scheme secure_link
  secure_link_expires server_addr server_name server_port server_protocol session_time slice_range status time_iso8601 time_local
  uid_got uid_reset uid_set uri
  `
    .trim()
    .split(/\s+/),
);

/** Prefixes of variables whose names go on with a header, a cookie, an argument, or what a module offers. */
const prefix =
  /^(?:arg|cookie|http|sent_http|sent_trailer|upstream|ssl|proxy_protocol|tcpinfo|geoip2?|jwt_claim|jwt_header|otel|oidc_claim)_\w/;

/** The names, for tests against NGINX itself. */
export const knownVariables: readonly string[] = [...names];

/** Returns the first variable in a text, without its `$`, that NGINX or the configuration knows. */
export function knownVariable(text: string, own: ReadonlySet<string>): string | undefined {
  for (const [, bare, braced] of text.matchAll(/\$(?:(\w+)|\{(\w+)\})/g)) {
    const name = (bare ?? braced)!;
    if (names.has(name) || prefix.test(name) || own.has(name)) return name;
  }
  return undefined;
}
