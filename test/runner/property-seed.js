// The same cases in every run, so that a failure is somebody's change; another seed is for whoever looks for more.
require("fast-check").configureGlobal({ seed: Number(process.env.NGINX_STACKS_SEED ?? 1) });
