/**
 * The part of WebAssembly that this package uses, which is the same in every engine. The types of Node leave it to
 * those of browsers.
 */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { readonly initial: number });
    readonly buffer: ArrayBuffer;
    /** Adds pages of 64 KiB, which replaces `buffer`. Throws a RangeError when there is no room. */
    grow(pages: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports: { readonly env: { readonly memory: Memory } });
    readonly exports: unknown;
  }
}
