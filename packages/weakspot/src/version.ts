/** Version of this package, kept with runs and models; a test compares it with package.json. */
export const VERSION = '0.1.0';
