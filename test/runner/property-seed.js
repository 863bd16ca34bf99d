// The same cases in every run, so that a failure comes from a change; another seed gives other cases.
require("fast-check").configureGlobal({ seed: Number(process.env.NGINX_STACKS_SEED ?? 1) });
