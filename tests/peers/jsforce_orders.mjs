// jsforce: products, price books, opportunities and orders, with the rules that bind them.

import assert from 'node:assert/strict';

import { connected } from './jsforce_connections.mjs';
import { failure, fresh, step } from './steps.mjs';

const conn = await connected();
const known = {};

async function create(type, fields) {
    return (await conn.sobject(type).create(fields)).id;
}

await step('there is one standard price book', async () => {
    const books = await conn.sobject('Pricebook2').find({ IsStandard: true }, 'Id, Name, IsActive');
    assert.equal(books.length, 1);
    known.standard = books[0].Id;
    if (!books[0].IsActive) await conn.sobject('Pricebook2').update({ Id: known.standard, IsActive: true });
});

await step('a product is priced in the standard book before any other', async () => {
    known.product = await create('Product2', { Name: fresh('Desk'), ProductCode: fresh('D'), IsActive: true });
    known.book = await create('Pricebook2', { Name: fresh('Trade'), IsActive: true });
    const price = { Pricebook2Id: known.book, Product2Id: known.product, UnitPrice: 90, IsActive: true };
    const error = await failure(conn.sobject('PricebookEntry').create(price));
    assert.equal(error.errorCode, 'STANDARD_PRICE_NOT_DEFINED');
    await create('PricebookEntry', { ...price, Pricebook2Id: known.standard, UnitPrice: 100 });
    known.entry = await create('PricebookEntry', price);
    const [found] = await conn
        .sobject('PricebookEntry')
        .find({ Id: known.entry }, 'UnitPrice, Product2.ProductCode, Pricebook2.Name, ProductCode');
    assert.equal(found.UnitPrice, 90);
    assert.equal(found.Product2.ProductCode, found.ProductCode);
});

await step('an opportunity with lines sums them up', async () => {
    known.account = await create('Account', { Name: fresh('Buyer') });
    known.opportunity = await create('Opportunity', {
        Name: fresh('Desks'),
        StageName: 'Prospecting',
        CloseDate: '2027-01-31',
        AccountId: known.account,
        Pricebook2Id: known.book,
    });
    const line = { OpportunityId: known.opportunity, PricebookEntryId: known.entry, Quantity: 3, UnitPrice: 80 };
    await create('OpportunityLineItem', line);
    const read = await conn.sobject('Opportunity').retrieve(known.opportunity);
    assert.deepEqual([read.Amount, read.HasOpportunityLineItem, read.IsClosed], [240, true, false]);
    assert.equal(read.CloseDate, '2027-01-31');
});

await step('lines come with their opportunity', async () => {
    const [found] = await conn
        .sobject('Opportunity')
        .find({ Id: known.opportunity }, 'Id, Name')
        .include('OpportunityLineItems')
        .select('Id, Quantity, PricebookEntry.Product2.Name')
        .end();
    assert.equal(found.OpportunityLineItems.records.length, 1);
    assert.equal(found.OpportunityLineItems.records[0].Quantity, 3);
    assert.ok(found.OpportunityLineItems.records[0].PricebookEntry.Product2.Name);
});

await step('an opportunity that is won is closed', async () => {
    await conn.sobject('Opportunity').update({ Id: known.opportunity, StageName: 'Closed Won' });
    const read = await conn.sobject('Opportunity').retrieve(known.opportunity);
    assert.deepEqual([read.IsClosed, read.IsWon, read.Probability], [true, true, 100]);
});

await step('a price of another book is no price of this opportunity', async () => {
    const [standard] = await conn
        .sobject('PricebookEntry')
        .find({ Pricebook2Id: known.standard, Product2Id: known.product }, 'Id');
    const line = { OpportunityId: known.opportunity, PricebookEntryId: standard.Id, Quantity: 1, UnitPrice: 1 };
    const error = await failure(conn.sobject('OpportunityLineItem').create(line));
    assert.equal(error.errorCode, 'FIELD_INTEGRITY_EXCEPTION');
});

await step('an order is activated with its lines and not without', async () => {
    known.order = await create('Order', {
        AccountId: known.account,
        EffectiveDate: '2026-12-01',
        Status: 'Draft',
        Pricebook2Id: known.book,
    });
    const activate = { Id: known.order, Status: 'Activated' };
    assert.equal((await failure(conn.sobject('Order').update(activate))).errorCode, 'FAILED_ACTIVATION');
    await create('OrderItem', {
        OrderId: known.order, PricebookEntryId: known.entry, Quantity: 2, UnitPrice: 85,
    });
    await conn.sobject('Order').update(activate);
    const read = await conn.sobject('Order').retrieve(known.order);
    assert.deepEqual([read.StatusCode, read.TotalAmount], ['Activated', 170]);
    assert.match(read.OrderNumber, /^\d{8}$/);
});

await step('a product in use is not deleted', async () => {
    const error = await failure(conn.sobject('Product2').destroy(known.product));
    assert.ok(error.errorCode);
});
