export { Argument, argumentOf } from "./argument";
export { asOutputs, type Facts, factsOf, withFacts } from "./facts";
export { Faults } from "./faults";
export { type Format, formats } from "./formats";
export { checkSameNamespace } from "./namespace-rules";
export { nearestName } from "./nearest";
export { Refusal } from "./refusal";
export { resolveArguments } from "./resolve";
export { type Field, fieldsOf, isArgumentType, type Shape } from "./shape";
