/// <reference path="./.sst/platform/config.d.ts" />
export default $config({
  app() {
    return { name: "plimsoll", home: "aws" };
  },
  async run() {},
});
