/// <reference path="./.sst/platform/config.d.ts" />

// SST refuses top-level imports in this file; the stacks are imported where they are needed.
export default $config({
  async app(input) {
    const { planStage, stageTags } = await import("./stacks/stage.ts");
    const plan = planStage(input.stage);
    return {
      name: "plimsoll",
      home: "aws",
      version: "4.17.1",
      removal: plan.removal,
      protect: plan.protect,
      providers: { aws: { version: "7.20.0", defaultTags: { tags: stageTags(plan, new Date()) } } },
    };
  },
  async run() {
    await import("./stacks/api.ts");
    await import("./stacks/accounts.ts");
    await import("./stacks/calls.ts");
    await import("./stacks/parameters.ts");
    await import("./stacks/alarms.ts");
    const { outputs } = await import("./stacks/outputs.ts");
    return outputs;
  },
});
