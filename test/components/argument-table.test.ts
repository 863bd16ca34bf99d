import { argumentTable } from "../../components/foundation/arguments/table";
import { readArgumentTypes } from "../../scripts/argument-table";

test("the table of arguments is that of the interfaces; `npm run arguments` writes it anew", () => {
  expect(argumentTable).toEqual(readArgumentTypes());
});
