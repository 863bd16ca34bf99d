/** Names that an argument has elsewhere, by the interface in which they do not exist: what to write here instead. */
export const foreignNames: Record<string, Record<string, string>> = {};
