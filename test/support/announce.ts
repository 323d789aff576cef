/**
 * @file Names the adapter that tests run on. No Node modules here: the browser tests and the deno runner use it too.
 */

/** The features that change which kernels run. */
const telling: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query']

/** Tells the reporter (reporter.ts) on which adapter tests run; it prints each one once. */
export function announceAdapter(where: string, name: string, features: ReadonlySet<string>): void {
  const has = telling.filter((feature) => features.has(feature))
  console.log(`adapter: ${where}: ${name}, with ${has.join(', ') || 'no optional feature'}`)
}
