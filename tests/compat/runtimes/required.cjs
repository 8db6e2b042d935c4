// Requires the package from CommonJS, by its name from the current folder:
//   required.cjs <the package>
const { createRequire } = require("node:module");

const [packageUrl] = process.argv.slice(2);
const report = (name, value) => console.log(JSON.stringify([name, value]));
const requireHere = createRequire(`${process.cwd()}/`);

async function main() {
  let required;
  try {
    required = requireHere("steadysocket");
    report("required", typeof required.SteadySocket);
  } catch (error) {
    report("required", error.code);
  }
  const imported = await import(packageUrl);
  report("imported", typeof imported.SteadySocket);
  report("the same", imported.SteadySocket === required?.SteadySocket);
}
main();
