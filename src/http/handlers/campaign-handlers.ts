import { parseTime } from '../../contract/formats.ts';
import { invalidRequest } from '../../contract/problem-document.ts';
import {
  PER_USER_LIMIT_DEFAULT,
  QUANTITY_DEFAULT,
  REIMBURSEMENT_BPS_DEFAULT,
  type CampaignPatch,
  type NewCampaign,
} from '../../contract/schemas.ts';
import { windowIsEmpty, type CampaignChange } from '../../domain/campaign/decide-update.ts';
import type { Engine } from '../../engine/engine.ts';
import { jsonAnswer, problemAnswer, type CallAnswer, type Exchange } from '../answer.ts';
import type { CallHandler } from '../call-route.ts';
import { commandAnswer, retryAfter } from '../command-answer.ts';
import type { HttpParts } from '../http-parts.ts';
import { renderCampaign } from '../render.ts';
import { pageAnswer, pageRequest } from './paging.ts';

type CampaignCalls = 'createCampaign' | 'listCampaigns' | 'getCampaign' | 'updateCampaign';
type NewCampaignCommand = Parameters<Engine['createCampaign']>[0];

/** Campaigns: create, list, look at, change. */
export function campaignHandlers(parts: HttpParts): Record<CampaignCalls, CallHandler> {
  const { engine, clock, log } = parts;
  return {
    createCampaign: async ({ body, origin, exchange }) => {
      const command = commandOf(body as NewCampaign);
      if (windowIsEmpty(command.startsAtMs, command.endsAtMs)) {
        return problemAnswer(ENDS_BEFORE_START, exchange);
      }
      const answer = await engine.createCampaign(command, origin);
      return commandAnswer(answer, exchange, (outcome, first, headers) => {
        if (outcome.kind === 'refused') {
          return problemAnswer({ code: outcome.code }, first, headers);
        }
        const { campaign } = outcome;
        log.info({ requestId: exchange.requestId, campaignId: campaign.id }, 'campaign created');
        // As it stood when it was created, so that a repeated answer is the first one.
        const rendered = renderCampaign(campaign, campaign.createdAtMs);
        return jsonAnswer(201, rendered, ['Location', `/v1/campaigns/${campaign.id}`, ...headers]);
      });
    },
    listCampaigns: async (input) => {
      const page = await engine.queries.campaigns(pageRequest(input));
      return pageAnswer(page, input, (campaign) => renderCampaign(campaign, clock.nowMs()));
    },
    getCampaign: async ({ params, exchange }) => {
      const campaign = await engine.queries.campaign(params['campaignId']!);
      return campaign === null
        ? problemAnswer({ code: 'campaign-not-found' }, exchange)
        : jsonAnswer(200, renderCampaign(campaign, clock.nowMs()));
    },
    updateCampaign: async ({ params, body, origin, exchange }) => {
      const id = params['campaignId']!;
      const decision = await engine.updateCampaign(id, changeOf(body as CampaignPatch), origin);
      if (decision.kind === 'updated') {
        const { changed } = decision;
        log.info({ requestId: exchange.requestId, campaignId: id, changed }, 'campaign updated');
      }
      return updateAnswer(decision, exchange, clock.nowMs());
    },
  };
}

const ENDS_BEFORE_START = invalidRequest([
  { pointer: '/endsAt', detail: 'must be after startsAt' },
]);

function updateAnswer(
  decision: Awaited<ReturnType<Engine['updateCampaign']>>,
  exchange: Exchange,
  nowMs: number,
): CallAnswer {
  switch (decision.kind) {
    case 'updated':
      return jsonAnswer(200, renderCampaign(decision.campaign, nowMs));
    case 'not-found':
      return problemAnswer({ code: 'campaign-not-found' }, exchange);
    case 'not-now':
      return problemAnswer({ code: decision.code }, exchange, retryAfter(decision.retryAfterS));
    case 'refused': {
      if (decision.code === 'ends-before-start') return problemAnswer(ENDS_BEFORE_START, exchange);
      const { code, issued } = decision;
      const detail = `${issued.toLocaleString('en-US')} coupons are issued already.`;
      return problemAnswer({ code, detail }, exchange);
    }
  }
}

function commandOf(body: NewCampaign): NewCampaignCommand {
  return {
    vendorId: body.vendorId,
    title: body.title,
    discount: body.discount,
    quantity: body.quantity ?? QUANTITY_DEFAULT,
    perUserLimit: body.perUserLimit ?? PER_USER_LIMIT_DEFAULT,
    startsAtMs: timeOrNull(body.startsAt),
    endsAtMs: timeOrNull(body.endsAt),
    couponValidFor: body.couponValidFor ?? null,
    reimbursementBps: body.reimbursementBps ?? REIMBURSEMENT_BPS_DEFAULT,
  };
}

function changeOf({ title, status, quantity, endsAt }: CampaignPatch): CampaignChange {
  return {
    ...(title !== undefined && { title }),
    ...(status !== undefined && { paused: status === 'paused' }),
    ...(quantity !== undefined && { quantity }),
    ...(endsAt !== undefined && { endsAtMs: timeOrNull(endsAt) }),
  };
}

/** The schema has seen to it that a text here is a time. */
function timeOrNull(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : parseTime(text);
}
