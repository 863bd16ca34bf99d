/** Ports that every pod has beside those that it is made for. */
export const managementPort = { name: "management", port: 8080 };
export const metricsPort = { name: "metrics", port: 9113 };
