// The libraries that a build for Windows with MinGW needs, in build/mingw: OpenSSL, compiled once from
// the source of Debian's package, and the headers of Boost and Catch2, which are this machine's.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { unpackSource } from "./debian-source.mjs";
import { root, runQuietly } from "./lib.mjs";

const folder = join(root, "build/mingw");

/** Options of OpenSSL's Configure: static libraries for a client of TLS 1.2 and 1.3, nothing else. */
const omitted =
  "shared tests module legacy engine dtls srtp srp psk comp ct ocsp cms ts gost idea md4 mdc2 rc2 rc4 seed sm2 sm3 sm4 camellia aria bf cast whirlpool rmd160 scrypt blake2 ec2m ssl3 tls1 tls1_1 autoload-config";
// -O1: it is compiled in less time, and its speed does not matter here.
const options = ["mingw64", "-O1", "--cross-compile-prefix=x86_64-w64-mingw32-"].concat(
  omitted.split(" ").map((name) => `no-${name}`),
);
const variant = createHash("sha256").update(options.join(" ")).digest("hex").slice(0, 8);

/** The folder of the compiled OpenSSL: include/, libssl.a and libcrypto.a. */
async function makeOpenSsl() {
  mkdirSync(folder, { recursive: true });
  const made = readdirSync(folder).find((name) => name.endsWith(`-${variant}`));
  if (made !== undefined) return join(folder, made);
  const fresh = join(folder, "fresh");
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh);
  const { folder: cwd, version } = await unpackSource("openssl", fresh);
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
