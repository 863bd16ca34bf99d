/** Returns the path of a field: `tls.port`, and `labels["a.b/c"]` where the name is no identifier. */
export function fieldPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** Returns the path of an entry of a list: `routes[0]`. */
export const entryPath = (path: string, index: number) => `${path}[${index}]`;
