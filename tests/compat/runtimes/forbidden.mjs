// Creates a socket where connections are forbidden, and reports the error:
//   forbidden.mjs <the package>
const [packageUrl] = process.argv.slice(2);
const { SteadySocket } = await import(packageUrl);
try {
  new SteadySocket("ws://127.0.0.1:1/").close();
} catch (error) {
  const { name } = error.constructor;
  console.log(JSON.stringify(["thrown", `${name} ${error.name}: ${error.message}`]));
}
