/**
 * The environment without what `npm run` adds to it: a child npm takes its settings from its own folder and the user's, not from
 * this project.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {NodeJS.ProcessEnv}
 */
export function cleanEnvironment(environment) {
  const added =
    /^(?:npm_(?:config_(?!registry$|cache$)|package_|lifecycle_|command$|node_execpath$|execpath$)|INIT_CWD$)/i;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !added.test(name)));
}
