// Builds what is not built yet of tools/, in the order in which the rings ask for it; the set-up step starts it beside the tests.
import { goPrograms, moduleMissing } from "./go";

for (const module of ["crossplane", "grpc", "cluster", "node", "spire"])
  if (moduleMissing(module) === undefined) goPrograms(module);
