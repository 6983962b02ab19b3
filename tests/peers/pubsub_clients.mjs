// salesforce-pubsub-api-client: a connected client, and a topic whose events are waited for.

import PubSubApiClient from 'salesforce-pubsub-api-client';

import { connected } from './jsforce_connections.mjs';
import { org, until } from './steps.mjs';

// The client verifies the bus against the roots it brings along and takes no others, so it is told not to:
// its own option for an endpoint with a certificate of one's own. Its logins over HTTPS are verified.
const ENDPOINT = {
    pubSubEndpoint: org.pubsub_endpoint.replace('127.0.0.1', 'localhost'),
    rejectUnauthorizedSsl: false,
};

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const open = [];

/** A connected client; the way in is the caller's. */
export async function client(way) {
    const made = new PubSubApiClient({ ...ENDPOINT, ...way }, quiet);
    await made.connect();
    open.push(made);
    return made;
}

/** The way in with a token somebody else has obtained; without an org id it is taken from the token. */
export async function supplied() {
    const conn = await connected();
    return { authType: 'user-supplied', accessToken: conn.accessToken, instanceUrl: conn.instanceUrl };
}

/** What a topic delivers: `events`, `said` for everything the client tells, in order. */
export class Topic {
    constructor(made, name) {
        this.client = made;
        this.name = name;
        this.events = [];
        this.said = [];
        this.errors = [];
        this.hear = (info, kind, data) => {
            this.said.push(kind);
            this.info = info;
            if (kind === 'event') this.events.push(data);
            if (kind === 'error') this.errors.push(data);
        };
    }

    latest(wanted) {
        this.client.subscribe(this.name, this.hear, wanted);
        return this;
    }

    earliest(wanted) {
        this.client.subscribeFromEarliestEvent(this.name, this.hear, wanted);
        return this;
    }

    after(replayId, wanted) {
        this.client.subscribeFromReplayId(this.name, this.hear, wanted, replayId);
        return this;
    }

    /** The subscription is in force once the bus has shown a sign of life. */
    async live() {
        await until(() => this.said.includes('grpcKeepAlive'), 'a sign of life of the bus');
        return this;
    }

    /** Until so many events have come. */
    async delivered(count) {
        await until(() => this.events.length >= count || this.errors.length, `${count} events`);
        if (this.errors.length) throw this.errors[0];
        return this.events;
    }

    async heard(kind) {
        await until(() => this.said.includes(kind), kind);
        return this;
    }

    /** The first event about a record. */
    async about(id, changeType) {
        const found = () =>
            this.events.find(({ payload: { ChangeEventHeader: header } }) =>
                header.recordIds.includes(id) && header.changeType === changeType);
        return (await until(found, `${changeType} of ${id}`)).payload;
    }
}

/** The client leaves open streams open when it is closed, and they would keep the process alive. */
export function finish() {
    for (const made of open) made.close();
    process.exit();
}
