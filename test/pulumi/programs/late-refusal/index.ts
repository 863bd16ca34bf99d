import * as pulumi from "@pulumi/pulumi";
import { LicenseSecret } from "nginx-stacks";

new LicenseSecret("license", { namespace: "default", jwt: new pulumi.Config().requireSecret("jwt") });
