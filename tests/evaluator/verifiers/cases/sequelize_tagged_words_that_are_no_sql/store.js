import { Op } from 'sequelize';
import { Article } from './models.js';

const gql = (parts) => parts.join('');
const QUERY = gql`query { select from }`;
export const all = (log) => {
  log.info('select articles from the table');
  log.query('Select an article from the list');
  throw new Error('Delete from the list first');
};
export const find = () => Article.findAll({ where: { slug: { [Op.like]: `%${QUERY}%` } } });
