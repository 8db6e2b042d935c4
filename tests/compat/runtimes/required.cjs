// The package from CommonJS, by its name from the folder that this is run in:
//   required.cjs <the package>
const { createRequire } = require("node:module");

const [packageUrl] = process.argv.slice(2);
const tell = (name, value) => console.log(JSON.stringify([name, value]));
const requireHere = createRequire(`${process.cwd()}/`);

async function main() {
  let required;
  try {
    required = requireHere("steadysocket");
    tell("required", typeof required.SteadySocket);
  } catch (error) {
    tell("required", error.code);
  }
  const imported = await import(packageUrl);
  tell("imported", typeof imported.SteadySocket);
  tell("the same", imported.SteadySocket === required?.SteadySocket);
}
main();
