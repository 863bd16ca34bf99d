export { listDirectives, renderNginx } from "./configuration";
