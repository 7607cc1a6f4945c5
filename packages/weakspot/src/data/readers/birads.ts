/** Name of the class of BI-RADS 4 and above: a biopsy should be considered (ACR BI-RADS Atlas, 5th edition). */
export const SUSPICIOUS = 'suspicious';

/** The category of a BI-RADS assessment, 0 to 6, from `4a`, `BI-RADS 4` and the like; undefined where it is none. */
export function biradsOf(written: string): number | undefined {
  const [, category] = /^(?:bi-?rads\s*)?([0-6])\s*[abc]?$/i.exec(written.trim()) ?? [];
  return category === undefined ? undefined : Number(category);
}

export function isSuspicious(category: number): boolean {
  return category >= 4;
}
