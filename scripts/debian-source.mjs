// Sources of Debian's packages, for libraries that the tests compile for another platform.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, runQuietly } from "./lib.mjs";

const mirror = "http://deb.debian.org/debian";
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Downloads and unpacks the source of a package with apt, which checks its signature. Needs no rights
 * and changes no list.
 * @param {string} name - Of the source package.
 * @param {string} to - An empty folder.
 * @returns {Promise<{ folder: string, version: string }>} The unpacked source.
 */
export async function unpackSource(name, to) {
  const release = readFileSync("/etc/os-release", "utf8");
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  if (!/^ID=debian$/m.test(release) || codename === undefined || !existsSync(keyring)) {
    fail(`${name} is compiled from Debian's source: this needs Debian`);
  }
  const lists = join(to, "lists");
  mkdirSync(join(lists, "partial"), { recursive: true });
  const sources = join(to, "sources.list");
  writeFileSync(sources, `deb-src [signed-by=${keyring}] ${mirror} ${codename} main\n`);
  const settings = [
    `Dir::Etc::SourceList=${sources}`,
    "Dir::Etc::SourceParts=-",
    `Dir::State::Lists=${lists}`,
    `Dir::Cache=${to}`,
    // The download needs no user of its own.
    "APT::Sandbox::User=",
  ].flatMap((setting) => ["-o", setting]);
  const apt = (what, ...args) => runQuietly(what, "apt-get", [...settings, ...args], { cwd: to });
  await apt("reading the list of source packages", "update");
  await apt(`downloading the source of ${name}`, "source", "--download-only", name);
  const archive = readdirSync(to).find((file) => /\.orig\.tar\.\w+$/.test(file));
  if (archive === undefined) fail(`apt-get has not downloaded the source of ${name}`);
  const folder = join(to, "source");
  mkdirSync(folder);
  const unpack = ["-xf", archive, "-C", folder, "--strip-components=1"];
  await runQuietly(`unpacking ${name}`, "tar", unpack, { cwd: to });
  return { folder, version: /_(.*)\.orig/.exec(archive)[1] };
}
