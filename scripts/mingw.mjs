// The libraries that a build for Windows with MinGW needs, in build/mingw: OpenSSL, compiled once from
// the source of Debian's package, and the headers of Boost and Catch2, which are this machine's.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fail, root, runQuietly } from "./lib.mjs";

const folder = join(root, "build/mingw");
const mirror = "http://deb.debian.org/debian";
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Options of OpenSSL's Configure: static libraries for a client of TLS 1.2 and 1.3, nothing else. */
const omitted =
  "shared tests module legacy engine dtls srtp srp psk comp ct ocsp cms ts gost idea md4 mdc2 rc2 rc4 seed sm2 sm3 sm4 camellia aria bf cast whirlpool rmd160 scrypt blake2 ec2m ssl3 tls1 tls1_1 autoload-config";
// -O1: it is compiled in less time, and its speed does not matter here.
const options = ["mingw64", "-O1", "--cross-compile-prefix=x86_64-w64-mingw32-"].concat(
  omitted.split(" ").map((name) => `no-${name}`),
);
const variant = createHash("sha256").update(options.join(" ")).digest("hex").slice(0, 8);

/** Downloads the source with apt, which checks its signature. Needs no rights and changes no list. */
async function downloadSource(to) {
  const release = readFileSync("/etc/os-release", "utf8");
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  if (!/^ID=debian$/m.test(release) || codename === undefined || !existsSync(keyring)) {
    fail("OpenSSL for Windows is compiled from Debian's source: this needs Debian");
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
  await apt("downloading the source of OpenSSL", "source", "--download-only", "openssl");
  const archive = readdirSync(to).find((name) => /^openssl_.*\.orig\.tar\.gz$/.test(name));
  if (archive === undefined) fail("apt-get has not downloaded the source of OpenSSL");
  return join(to, archive);
}

/** The folder of the compiled OpenSSL: include/, libssl.a and libcrypto.a. */
async function makeOpenSsl() {
  mkdirSync(folder, { recursive: true });
  const made = readdirSync(folder).find((name) => name.endsWith(`-${variant}`));
  if (made !== undefined) return join(folder, made);
  const fresh = join(folder, "fresh");
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh);
  const archive = await downloadSource(fresh);
  const version = /openssl_(.*)\.orig/.exec(archive)[1];
  await runQuietly("unpacking OpenSSL", "tar", ["-xzf", archive], { cwd: fresh });
  const cwd = join(fresh, `openssl-${version}`);
  const jobs = `-j${availableParallelism()}`;
  await runQuietly("preparing OpenSSL", "perl", ["Configure", ...options], { cwd });
  await runQuietly("generating OpenSSL's headers", "make", ["build_generated"], { cwd });
  const libraries = ["libcrypto.a", "libssl.a"];
  await runQuietly(`compiling OpenSSL ${version}`, "make", [jobs, ...libraries], { cwd });
  // Renamed once it is complete.
  const done = join(fresh, "done");
  mkdirSync(join(done, "lib"), { recursive: true });
  for (const name of libraries) renameSync(join(cwd, name), join(done, "lib", name));
  renameSync(join(cwd, "include"), join(done, "include"));
  const result = join(folder, `openssl-${version}-${variant}`);
  renameSync(done, result);
  rmSync(fresh, { recursive: true });
  return result;
}

/** A folder with the headers of some libraries, and none of this machine's C library. */
function linkHeaders() {
  const headers = join(folder, "include");
  mkdirSync(headers, { recursive: true });
  for (const name of ["boost", "catch2"]) {
    const link = join(headers, name);
    rmSync(link, { force: true });
    symlinkSync(join("/usr/include", name), link);
  }
  return headers;
}

/** CMake's settings for the preset "windows". */
export async function mingwSettings() {
  const openSsl = await makeOpenSsl();
  const headers = linkHeaders();
  return [
    `-DCMAKE_FIND_ROOT_PATH=${folder}`,
    `-DOPENSSL_ROOT_DIR=${openSsl}`,
    "-DOPENSSL_USE_STATIC_LIBS=ON",
    `-DBoost_INCLUDE_DIR=${headers}`,
    `-DCATCH_INCLUDE_DIR=${headers}`,
  ];
}
