/** Ends every run with the line that a reader and a machine look for, and names what was skipped. */
class SummaryReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.testResults.flatMap((file) =>
      file.testResults.filter((test) => test.status === "pending").map((test) => `skipped: ${test.fullName}\n`),
    );
    // A file that fails to load runs none of its tests: it counts as a failure of its own.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const line = `${results.numPassedTests} passed, ${failed} failed, ${results.numPendingTests} skipped\n`;
    // jest prints its own summary after the reporters' turn.
    process.on("exit", () => process.stdout.write(`${skipped.join("")}${line}`));
  }
}

module.exports = SummaryReporter;
