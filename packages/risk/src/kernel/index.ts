export { BLOCK_SCENARIOS, createKernel, growKernel, KERNEL_RESERVED_BYTES, type Kernel } from "./kernel.ts";
export { COLUMN_SCENARIOS, openPricingKernel, type PricingKernel } from "./pricing-kernel.ts";
