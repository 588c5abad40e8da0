import os, random
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]="1"
import pytest
from playwright.sync_api import sync_playwright
from django.conf import settings
from django.test import Client
from django.urls import reverse
from accounts.models import Role
from studies.models import Study
from annotations.models import ClosingReason
from tests.reports.synthetic import *

def fill(study, per_level):
    r=random.Random(4)
    n=0
    for level,count in enumerate(per_level):
        for k in range(count):
            n+=1
            p=Person.objects.filter(pseudonym=f"P{k%6+1:02}{study.slug[0]}").first() or member(study, person(f"p{k%6+1}{study.slug}", pseudonym=f"P{k%6+1:02}{study.slug[0]}"))
            m=[6,18,33,40][level]*r.lognormvariate(0,.4)
            gaps=[20+r.random()*60 for _ in range(int(m))]
            after=10 if r.random()> [0,.05,.2,.35][level] else r.choice([7,8,9])
            before=min(9,max(1,round([9.4,8.5,7.5,6][level]+r.gauss(0,.8))))
            b=backend_of(study, level, name=f"{['flask','fastapi','koa','hono'][k%4]}-l{level}-{k+1:02}"); baseline(b,before)
            page=open_page(b,p)
            for g in gaps: page.type("#",after=g)
            if k==1: page.ask_for_checks(0,after=10,void_reason="The sandbox was lost: bwrap ended with status 1 before the health check.")
            if k==2: page.ask_for_checks(7,after=10,digest="0"*64)
            judge(page.close(ClosingReason.SUBMITTED if after==10 else ClosingReason.GAVE_UP),after)
    page=open_page(backend_of(study,3,name="hono-l3-open"),p); page.type("#",after=90)

@pytest.mark.django_db(transaction=True)
def test_look(live_server):
    settings.CONTENT_SECURITY_POLICY
    full=Study.objects.create(name="Conduit pilot, autumn 2026", slug="pilot"); fill(full,[8,8,8,7])
    mixed=Study.objects.create(name="Mixed", slug="mixed"); fill(mixed,[6,3,0,2])
    few=Study.objects.create(name="Few", slug="few"); fill(few,[4,3,2,1])
    Study.objects.create(name="Empty", slug="empty")
    r=person("ruth", Role.RESEARCHER, pseudonym="R01")
    for s in Study.objects.all(): member(s,r)
    c=Client(); c.force_login(r)
    cookie=c.cookies["sessionid"].value
    q="?own_minutes=90&hourly_rate=72&assistant_cost=4.2&other_minutes=12"
    urls={"effort":"/studies/pilot/effort/","mixed":"/studies/mixed/effort/","few":"/studies/few/effort/","empty":"/studies/empty/effort/","return":"/studies/pilot/return/"+q,"return-mixed":"/studies/mixed/return/"+q+"&own_minutes_l0=30","return-empty":"/studies/pilot/return/","return-bad":"/studies/pilot/return/?hourly_rate=-1&own_minutes=abc","export":"/studies/pilot/export/"}
    with sync_playwright() as p:
        b=p.chromium.launch(executable_path="/usr/bin/chromium",args=["--no-sandbox"])
        for theme in ("light","dark"):
            ctx=b.new_context(viewport={"width":1440,"height":900},color_scheme=theme)
            ctx.add_cookies([{"name":"sessionid","value":cookie,"url":live_server.url}])
            pg=ctx.new_page()
            pg.on("console",lambda m: print("CONSOLE",pg.url,m.type,m.text))
            for n,u in urls.items():
                if theme=="dark" and n not in ("effort","return","few"): continue
                pg.goto(live_server.url+u); pg.wait_for_timeout(200)
                pg.screenshot(path=f"/tmp/rp/shots/{n}-{theme}.png",full_page=True)
                over=pg.evaluate("document.documentElement.scrollWidth>innerWidth")
                if over: print("OVERFLOW",n)
            if theme=="light":
                pg.set_viewport_size({"width":820,"height":900})
                for n in ("effort","return"):
                    pg.goto(live_server.url+urls[n]); 
                    print(n,"overflow 820", pg.evaluate("[document.documentElement.scrollWidth,innerWidth]"))
                    pg.screenshot(path=f"/tmp/rp/shots/{n}-820.png",full_page=True)
                    
        pg.goto(live_server.url+urls["return"]); pg.fill("#id_own_minutes","190"); pg.wait_for_timeout(1500)
        print("LIVE", pg.inner_text(".hero"), pg.url); pg.fill("#id_hourly_rate","-4"); pg.wait_for_timeout(1500); print("LIVE", pg.inner_text("#return-result")[:200])
        b.close()
