import type { Campaign } from '../../domain/campaign/campaign.ts';
import { campaignStatus } from '../../domain/campaign/campaign.ts';
import type { CallAnswer } from '../answer.ts';
import type { HttpParts } from '../http-parts.ts';
import { html, htmlPage, type Html } from './html.ts';

const CAMPAIGNS_MAX = 20;

/** What a person sees who opens the server's address. */
export async function landingPage({ engine, auth, clock }: HttpParts): Promise<CallAnswer> {
  // Where keys are asked for, nobody is shown anything without one.
  const page = auth.isOpen
    ? await engine.queries.campaigns({ limit: CAMPAIGNS_MAX, cursor: null })
    : 'bad-cursor';
  const campaigns = page === 'bad-cursor' ? [] : page.items;
  return htmlPage(
    'Coupons, first come, first served',
    html`<h1>Coupons, first come, first served</h1>
      <p>Never issued twice, never more than there are, never lost.</p>
      <ul>
        <li>
          <a href="/docs">Every call</a>, also as <a href="/openapi.json">OpenAPI</a> and
          <a href="/asyncapi.json">AsyncAPI</a>
        </li>
        <li>
          <a href="/readyz">Whether everything can be served</a>, <a href="/metrics">figures</a>
        </li>
      </ul>
      ${campaigns.length === 0 ? html`` : campaignTable(campaigns, clock.nowMs())}`,
  );
}

function campaignTable(campaigns: readonly Campaign[], nowMs: number): Html {
  const rows = campaigns.map(
    (campaign) =>
      html`<tr>
        <td>${campaign.title}</td>
        <td>
          <a href="/v1/campaigns/${campaign.id}"><code>${campaign.id}</code></a>
        </td>
        <td>${campaignStatus(campaign, campaign.issued, nowMs)}</td>
        <td>
          ${campaign.issued.toLocaleString('en-US')} of ${campaign.quantity.toLocaleString('en-US')}
        </td>
      </tr>`,
  );
  return html`<h2>Campaigns</h2>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col">Title</th>
            <th scope="col">Id</th>
            <th scope="col">Status</th>
            <th scope="col">Issued</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
}
