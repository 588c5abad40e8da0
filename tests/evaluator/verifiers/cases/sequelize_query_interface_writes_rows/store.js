import { sequelize, Tag } from './models.js';

export async function fill(rows) {
  await sequelize.getQueryInterface().bulkInsert('tags', rows);
  await sequelize.getQueryInterface().addIndex('tags', ['name']);
  return Tag.findAll();
}
