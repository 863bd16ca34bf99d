// The SDK loads all of npm's resolver to find the packages of functions that it writes down, which no program of ours asks of it.
const real = () => require("../../node_modules/@npmcli/arborist");

module.exports = {
  __esModule: true,
  get Arborist() {
    return real().Arborist;
  },
};
