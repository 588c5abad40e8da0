from flask import Blueprint, jsonify, request, session

from src.services.articles import list_articles
from src.services.search import search

bp = Blueprint('articles', __name__)
bp.record(lambda state: state.app.logger.info('select a tag from the list'))


@bp.delete('/articles/<slug>')
def remove(slug):
    """delete from articles where slug = ?"""
    tag = request.args.get('tag')
    session['last'] = session.get('last') or tag
    session.update(tag=tag)
    found = search.query('select a tag from the list')
    search.execute(slug)
    return jsonify(error='update your set of tags', found=found, articles=list_articles())
