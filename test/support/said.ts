/** @file What a call says when it refuses, for snapshots of refusals. */

/** What a call threw, or a promise was rejected with: class and text. */
export async function said(call: () => unknown): Promise<string> {
  try {
    await call()
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
  return 'nothing was thrown'
}
