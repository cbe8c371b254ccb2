/** A claim of before, asked again, and what was to come back. */
export interface Replay {
  readonly userId: string;
  readonly expected: string;
  readonly got: string;
  /** True: as expected. False: otherwise. Null: no answer that tells. */
  readonly ok: boolean | null;
  /** With null: the code of the refusal that told nothing; left out when no answer came at all. */
  readonly refusedWith?: string;
}

/** What came of all of them. */
export interface ReplayFigures {
  readonly asked: number;
  readonly same: number;
  readonly different: number;
  readonly notAnswered: number;
  /** Refusals that neither confirm nor deny, such as a rate limit, by their code. */
  readonly refused: Readonly<Record<string, number>>;
}

export function countReplays(replays: readonly Replay[]): ReplayFigures {
  const refused: Record<string, number> = {};
  let notAnswered = 0;
  for (const { ok, refusedWith } of replays) {
    if (ok !== null) continue;
    if (refusedWith === undefined) notAnswered++;
    else refused[refusedWith] = (refused[refusedWith] ?? 0) + 1;
  }
  return {
    asked: replays.length,
    same: replays.filter(({ ok }) => ok === true).length,
    different: replays.filter(({ ok }) => ok === false).length,
    notAnswered,
    refused,
  };
}

/** Those that told nothing, such as `4 refused by limit`. */
export function untold({ notAnswered, refused }: ReplayFigures): string[] {
  return [
    ...(notAnswered > 0 ? [`${notAnswered} not answered`] : []),
    ...Object.entries(refused).map(
      ([code, count]) => `${count} refused ${code === 'rate-limited' ? 'by limit' : `(${code})`}`,
    ),
  ];
}
