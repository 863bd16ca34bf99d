// Upstream names of ours never meet a host name: what a map yields is either one of these blocks or nothing.
export const blockName = (upstream: string) => `mqtt_${upstream}`;
