/** Edition of NGINX: the commercial one, or the open-source one. */
export const Edition = { plus: "plus", oss: "oss" } as const;
export type Edition = (typeof Edition)[keyof typeof Edition];
