/** The wall clock that decisions are stamped with. Durations are taken from elsewhere. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
}
