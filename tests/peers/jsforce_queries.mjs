// jsforce: queries as text and as chained calls, pages, children, counts, what changed and what went.

import assert from 'node:assert/strict';

import { connected } from './jsforce_connections.mjs';
import { failure, fresh, step } from './steps.mjs';

const conn = await connected();
const accounts = conn.sobject('Account');
const contacts = conn.sobject('Contact');
const SMALL_PAGES = { headers: { 'Sforce-Query-Options': 'batchSize=200' } };
const town = fresh('Town');
const began = new Date(Date.now() - 5 * 60_000);

const rows = Array.from({ length: 450 }, (_, n) => ({
    Name: fresh(`Row ${String(n).padStart(3, '0')}`),
    BillingCity: town,
    NumberOfEmployees: n,
    AnnualRevenue: n % 3 === 0 ? null : n / 4,
}));
const made = await accounts.create(rows, { allowRecursive: true });
const children = await contacts.create([
    { LastName: 'Ampere', AccountId: made[0].id, Email: 'ampere@example.com' },
    { LastName: 'Becquerel', AccountId: made[0].id },
    { LastName: 'Curie', AccountId: made[1].id },
]);

await step('the data is there', async () => {
    assert.ok([...made, ...children].every((result) => result.success));
});

await step('the client fetches page after page by itself', async () => {
    const found = await conn
        .query(`SELECT Id, Name FROM Account WHERE BillingCity = '${town}' ORDER BY Name`, SMALL_PAGES)
        .execute({ autoFetch: true, maxFetch: 1000 });
    assert.equal(found.totalSize, 450);
    assert.deepEqual(found.records.map((record) => record.Name), rows.map((row) => row.Name));
});

await step('pages are fetched one by one with the locator', async () => {
    const soql = `SELECT Id FROM Account WHERE BillingCity = '${town}'`;
    const sizes = [];
    let page = await conn.query(soql, SMALL_PAGES);
    sizes.push(page.records.length);
    while (!page.done) {
        page = await conn.queryMore(page.nextRecordsUrl);
        assert.equal(page.totalSize, 450);
        sizes.push(page.records.length);
    }
    assert.deepEqual(sizes, [200, 200, 50]);
    assert.equal(page.nextRecordsUrl, undefined);
});

await step('a locator nobody gave out is INVALID_QUERY_LOCATOR', async () => {
    const error = await failure(conn.queryMore('01g000000000000AAA-2000'));
    assert.equal(error.errorCode, 'INVALID_QUERY_LOCATOR');
});

await step('rows arrive as events of a stream', async () => {
    const seen = [];
    await new Promise((resolve, reject) => {
        conn.query(`SELECT Id FROM Account WHERE BillingCity = '${town}' LIMIT 30`)
            .on('record', (record) => seen.push(record.Id))
            .on('end', resolve)
            .on('error', reject)
            .run({ autoFetch: true });
    });
    assert.equal(new Set(seen).size, 30);
});

await step('conditions are built from an object', async () => {
    const found = await accounts
        .find({ BillingCity: town, NumberOfEmployees: { $lt: 20 } }, ['Id', 'NumberOfEmployees'])
        .sort({ NumberOfEmployees: -1 })
        .limit(4)
        .skip(2);
    assert.deepEqual(found.map((record) => record.NumberOfEmployees), [17, 16, 15, 14]);
});

await step('alternatives, lists and patterns are built from an object', async () => {
    const found = await accounts.find({
        $and: [
            { BillingCity: town },
            { $or: [{ NumberOfEmployees: { $in: [3, 5] } }, { Name: { $like: 'Row 44%' } }] },
        ],
    });
    assert.equal(found.length, 12);
});

await step('rows without a value are found by null', async () => {
    assert.equal(await accounts.count({ BillingCity: town, AnnualRevenue: null }), 150);
});

await step('a count needs no rows', async () => {
    assert.equal(await accounts.count({ BillingCity: town }), 450);
});

await step('children come with their parents', async () => {
    const found = await accounts
        .find({ Id: { $in: [made[0].id, made[1].id, made[2].id] } }, 'Id, Name')
        .include('Contacts')
        .select('Id, LastName')
        .where({ LastName: { $ne: null } })
        .orderby('LastName', 'DESC')
        .end()
        .sort('Name');
    const names = found.map((record) => record.Contacts?.records.map((child) => child.LastName) ?? null);
    assert.deepEqual(names, [['Becquerel', 'Ampere'], ['Curie'], null]);
    assert.equal(found[0].Contacts.totalSize, 2);
    assert.equal(found[0].Contacts.done, true);
});

await step('fields of the parent are read through the look-up', async () => {
    const [found] = await contacts.find({ Id: children[0].id }, 'Id, Account.Name, Account.Owner.Username');
    assert.equal(found.Account.Name, rows[0].Name);
    assert.equal(found.Account.attributes.type, 'Account');
    assert.match(found.Account.Owner.Username, /@/);
});

await step('dates are compared as dates', async () => {
    const since = began.toISOString();
    const soql = `SELECT COUNT() FROM Account WHERE BillingCity = '${town}' AND CreatedDate >= ${since}`;
    assert.equal((await conn.query(soql)).totalSize, 450);
    const today = `SELECT COUNT() FROM Account WHERE BillingCity = '${town}' AND CreatedDate = LAST_N_DAYS:2`;
    assert.equal((await conn.query(today)).totalSize, 450);
});

await step('nonsense is MALFORMED_QUERY', async () => {
    const error = await failure(conn.query('SELECT FROM Account'));
    assert.equal(error.errorCode, 'MALFORMED_QUERY');
});

await step('an unknown field is INVALID_FIELD', async () => {
    const error = await failure(conn.query('SELECT Nothing__c FROM Account'));
    assert.equal(error.errorCode, 'INVALID_FIELD');
    assert.match(error.message, /No such column 'Nothing__c' on entity 'Account'/);
});

await step('an unknown object is INVALID_TYPE', async () => {
    const error = await failure(conn.query('SELECT Id FROM Nothing__c'));
    assert.equal(error.errorCode, 'INVALID_TYPE');
    assert.match(error.message, /sObject type 'Nothing__c' is not supported/);
});

await step('one row is found or none', async () => {
    assert.equal((await accounts.findOne({ Id: made[5].id })).Name, rows[5].Name);
    assert.equal(await accounts.findOne({ Name: fresh('Nobody') }), null);
});

await step('rows found are changed and destroyed in one go', async () => {
    const some = { BillingCity: town, NumberOfEmployees: { $gte: 440 } };
    const changed = await accounts.find(some).update({ Description: 'changed together' });
    assert.equal(changed.filter((result) => result.success).length, 10);
    const gone = await accounts.find(some).destroy();
    assert.equal(gone.filter((result) => result.success).length, 10);
    assert.equal(await accounts.count(some), 0);
});

await step('deleted rows are found where deleted ones are asked for', async () => {
    const soql = `SELECT Id, IsDeleted FROM Account WHERE BillingCity = '${town}' AND IsDeleted = true`;
    const found = await conn.query(soql, { scanAll: true });
    assert.equal(found.totalSize, 10);
    assert.equal((await conn.query(soql)).totalSize, 0);
});

await step('what changed in a span is listed, what went in another', async () => {
    const end = new Date(Date.now() + 2 * 60_000);
    const changed = await accounts.updated(began, end);
    const gone = await accounts.deleted(began, end);
    assert.ok(changed.latestDateCovered && gone.earliestDateAvailable);
    assert.ok(Array.isArray(changed.ids) && Array.isArray(gone.deletedRecords));
});
