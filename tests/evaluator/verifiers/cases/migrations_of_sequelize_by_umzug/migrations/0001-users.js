export async function up({ context }) {
  await context.createTable('users', { id: { type: 'INTEGER', primaryKey: true } });
}
