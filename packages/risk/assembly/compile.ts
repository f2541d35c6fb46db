import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const source = fileURLToPath(new URL("kernel.ts", import.meta.url));
const target = fileURLToPath(new URL("../src/kernel/kernel-bytes.ts", import.meta.url));
/** The address behind the tables of exp; see KERNEL_RESERVED_BYTES. */
const CONSTANTS_ADDRESS = 20_480;

/** Compiles assembly/kernel.ts. The same source and compiler give the same bytes. */
export async function compileKernel(): Promise<Uint8Array> {
  let binary: Uint8Array | null = null;
  const options = ["--optimizeLevel", "3", "--enable", "simd", "--runtime", "stub", "--noAssert"];
  const memory = ["--importMemory", "--noExportMemory", "--memoryBase", String(CONSTANTS_ADDRESS)];
  const { error, stderr } = await asc.main([source, ...options, ...memory, "--outFile", "kernel.wasm"], {
    writeFile: (_name, contents) => {
      if (contents instanceof Uint8Array) binary = contents;
    },
  });
  if (error !== null || binary === null) throw new Error(`assembly/kernel.ts does not compile: ${stderr.toString()}`);
  return binary;
}

/** Returns the source of the module from which the package loads the kernel. */
export function kernelModule(bytes: Uint8Array): string {
  return [
    "/** assembly/kernel.ts, compiled by `npm run kernel`, in base64. */",
    "export const KERNEL_BYTES =",
    `  "${Buffer.from(bytes).toString("base64")}";`,
    "",
  ].join("\n");
}

if (import.meta.main) writeFileSync(target, kernelModule(await compileKernel()));
