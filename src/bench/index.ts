/** @file `handgrad/bench`: where the time of a step goes. */
export type {
  DeviceClock,
  PlainStep,
  ProfileData,
  ProfileModule,
  ProfileRow,
  ProfileTotals,
} from './profile/data.ts'
export { Profile } from './profile/profile.ts'
export { type ProfileOptions, type ProfilingOptions, profile, profiling } from './profile/run.ts'
export type { Trace, TraceName, TraceSpan } from './profile/trace.ts'
