/** Folders that the configuration refers to, each with the files of one Secret. */
export const paths = {
  certificate: "/etc/nginx/manager-certificate",
  agentCertificate: "/etc/nginx/manager-agent-certificate",
  agentAuthorities: "/etc/nginx/manager-agent-authorities",
  backendAuthorities: "/etc/nginx/manager-backend-authorities",
  backendCertificate: "/etc/nginx/manager-backend-certificate",
};
