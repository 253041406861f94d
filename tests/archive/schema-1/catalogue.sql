BEGIN TRANSACTION;
CREATE TABLE article (                  
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,                   
  url TEXT NOT NULL,                    
  title TEXT NOT NULL,                  
  source TEXT NOT NULL,
  date TEXT NOT NULL,
  current_version INTEGER REFERENCES version,
  markdown TEXT UNIQUE,                 
  markdown_folded TEXT UNIQUE,          
  pending INTEGER NOT NULL DEFAULT 0    
);
INSERT INTO "article" VALUES(1,'wechat:MzI=/1/1/abc','wechat','https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc','改了题','技术团队','2024-12-31',3,'markdown/技术团队/2024-12-31-题目1.md','markdown/技术团队/2024-12-31-题目1.md',0);
INSERT INTO "article" VALUES(2,'wechat:MzI=/2/1/abc','wechat','https://mp.weixin.qq.com/s?__biz=MzI=&mid=2&idx=1&sn=abc','题目2','技术团队','2024-12-31',NULL,NULL,NULL,0);
INSERT INTO "article" VALUES(3,'url://a.example/3','url','https://a.example/3','题目1','技术团队','2024-12-31',4,'markdown/技术团队/2024-12-31-题目1-b592ef44.md','markdown/技术团队/2024-12-31-题目1-b592ef44.md',0);
CREATE TABLE capture (                  
  id INTEGER PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES article,
  source_sha256 TEXT NOT NULL UNIQUE,
  fetched_at TEXT NOT NULL,             
  fetch_date TEXT NOT NULL,             
  url TEXT NOT NULL,
  title TEXT NOT NULL,
  source TEXT NOT NULL,
  date TEXT NOT NULL,
  file_name TEXT NOT NULL,
  record INTEGER NOT NULL REFERENCES record,
  state TEXT NOT NULL,
  notice TEXT NOT NULL,
  version INTEGER REFERENCES version    
);
INSERT INTO "capture" VALUES(1,1,'0c215f27ae78c7fc96a3efea12439df756c2fc0c21cb3d46d6046f77fae2e7f3','2025-10-06T19:41:42.929239Z','2025-10-06T19:41:42.929239','https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc&chksm=1#rd','题目1','技术团队','2024-12-31','001.txt',2,'live','',2);
INSERT INTO "capture" VALUES(2,2,'204fe350d4509c7f0761fc2fc3dedb2f4ba8e2783b76081165fb369da090bfe5','2025-10-06T19:41:42.929239Z','2025-10-06T19:41:42.929239','https://mp.weixin.qq.com/s?__biz=MzI=&mid=2&idx=1&sn=abc&chksm=1#rd','题目2','技术团队','2024-12-31','002.txt',7,'deleted','该内容已被发布者删除',NULL);
INSERT INTO "capture" VALUES(3,1,'ba25523888538ccb8691363acc457d37e1987482c68166b51c0c634d597b9062','2026-01-01T00:00:00.000000Z','2026-01-01T00:00:00','https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc&chksm=1#rd','改了题','技术团队','2024-12-31','001.txt',12,'live','',3);
INSERT INTO "capture" VALUES(4,3,'f822c705287e2fec049e955fc9b615b9dc9a224346c16b92752ab39b85579bf3','2025-10-06T19:41:42.929239Z','2025-10-06T19:41:42.929239','https://a.example/3','题目1','技术团队','2024-12-31','003.txt',16,'live','',4);
CREATE TABLE cleaning (                 
  id INTEGER PRIMARY KEY,
  capture INTEGER NOT NULL REFERENCES capture,
  at TEXT NOT NULL,
  state TEXT NOT NULL,
  notice TEXT NOT NULL,
  version INTEGER REFERENCES version,
  ruleset_sha256 TEXT NOT NULL,
  software TEXT NOT NULL,
  provenance INTEGER NOT NULL REFERENCES record,
  ledger INTEGER REFERENCES record
);
INSERT INTO "cleaning" VALUES(1,1,'2026-11-22T08:30:00Z','live','',1,'0000000000000000000000000000000000000000000000000000000000000000','xuanzhi/0.1.0',3,6);
INSERT INTO "cleaning" VALUES(2,2,'2026-11-22T08:30:00Z','deleted','该内容已被发布者删除',NULL,'0000000000000000000000000000000000000000000000000000000000000000','xuanzhi/0.1.0',8,NULL);
INSERT INTO "cleaning" VALUES(3,1,'2026-11-22T08:30:00Z','live','',2,'1111111111111111111111111111111111111111111111111111111111111111','xuanzhi/0.1.0',9,11);
INSERT INTO "cleaning" VALUES(4,3,'2026-11-22T08:30:00Z','live','',3,'0000000000000000000000000000000000000000000000000000000000000000','xuanzhi/0.1.0',13,15);
INSERT INTO "cleaning" VALUES(5,4,'2026-11-22T08:30:00Z','live','',4,'0000000000000000000000000000000000000000000000000000000000000000','xuanzhi/0.1.0',17,19);
CREATE TABLE event (                    
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  type TEXT NOT NULL,                   
  article INTEGER NOT NULL REFERENCES article,
  capture INTEGER NOT NULL REFERENCES capture,
  outcome TEXT NOT NULL                 
);
INSERT INTO "event" VALUES(1,'2026-11-22T08:30:00Z','ingestion',1,1,'live; current version moved');
INSERT INTO "event" VALUES(2,'2026-11-22T08:30:00Z','ingestion',2,2,'deleted');
INSERT INTO "event" VALUES(3,'2026-11-22T08:30:00Z','normalization',1,1,'live; current version moved');
INSERT INTO "event" VALUES(4,'2026-11-22T08:30:00Z','ingestion',1,3,'live; current version moved');
INSERT INTO "event" VALUES(5,'2026-11-22T08:30:00Z','ingestion',3,4,'live; current version moved');
CREATE TABLE file (                     
  id INTEGER PRIMARY KEY,
  folder TEXT NOT NULL CHECK (folder IN ('warc', 'derived')),
  name TEXT NOT NULL,
  committed_length INTEGER NOT NULL,    
  UNIQUE (folder, name)
);
INSERT INTO "file" VALUES(1,'warc','xuanzhi-20261122083000-00001.warc.gz',5010);
INSERT INTO "file" VALUES(2,'derived','xuanzhi-derived-20261122083000-00001.warc.gz',5231);
CREATE TABLE record (                   
  id INTEGER PRIMARY KEY,
  record_id TEXT NOT NULL UNIQUE,
  file INTEGER NOT NULL REFERENCES file,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL
);
INSERT INTO "record" VALUES(1,'urn:uuid:00000000-0000-4000-8000-000000000007',1,0,329);
INSERT INTO "record" VALUES(2,'urn:uuid:00000000-0000-4000-8000-000000000001',1,329,451);
INSERT INTO "record" VALUES(3,'urn:uuid:00000000-0000-4000-8000-000000000002',1,780,749);
INSERT INTO "record" VALUES(4,'urn:uuid:00000000-0000-4000-8000-000000000008',2,0,335);
INSERT INTO "record" VALUES(5,'urn:uuid:00000000-0000-4000-8000-000000000003',2,335,523);
INSERT INTO "record" VALUES(6,'urn:uuid:00000000-0000-4000-8000-000000000004',2,858,581);
INSERT INTO "record" VALUES(7,'urn:uuid:00000000-0000-4000-8000-000000000005',1,1529,454);
INSERT INTO "record" VALUES(8,'urn:uuid:00000000-0000-4000-8000-000000000006',1,1983,757);
INSERT INTO "record" VALUES(9,'urn:uuid:00000000-0000-4000-8000-000000000010',2,1439,752);
INSERT INTO "record" VALUES(10,'urn:uuid:00000000-0000-4000-8000-000000000011',2,2191,429);
INSERT INTO "record" VALUES(11,'urn:uuid:00000000-0000-4000-8000-000000000012',2,2620,511);
INSERT INTO "record" VALUES(12,'urn:uuid:00000000-0000-4000-8000-000000000013',1,2740,427);
INSERT INTO "record" VALUES(13,'urn:uuid:00000000-0000-4000-8000-000000000014',1,3167,752);
INSERT INTO "record" VALUES(14,'urn:uuid:00000000-0000-4000-8000-000000000015',2,3131,499);
INSERT INTO "record" VALUES(15,'urn:uuid:00000000-0000-4000-8000-000000000016',2,3630,584);
INSERT INTO "record" VALUES(16,'urn:uuid:00000000-0000-4000-8000-000000000017',1,3919,398);
INSERT INTO "record" VALUES(17,'urn:uuid:00000000-0000-4000-8000-000000000018',1,4317,693);
INSERT INTO "record" VALUES(18,'urn:uuid:00000000-0000-4000-8000-000000000019',2,4214,477);
INSERT INTO "record" VALUES(19,'urn:uuid:00000000-0000-4000-8000-000000000020',2,4691,540);
CREATE TABLE version (                  
  id INTEGER PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES article,
  clean_sha256 TEXT NOT NULL,
  ruleset_sha256 TEXT NOT NULL,         
  software TEXT NOT NULL,
  capture INTEGER NOT NULL REFERENCES capture,
  record INTEGER NOT NULL REFERENCES record,
  UNIQUE (article, clean_sha256)
);
INSERT INTO "version" VALUES(1,1,'31414a27d027aab312c3289eb0670adf8732e081ffece3d90fe5f29665efabee','0000000000000000000000000000000000000000000000000000000000000000','xuanzhi/0.1.0',1,5);
INSERT INTO "version" VALUES(2,1,'777684745827cb678974c5b1bb1f587ed9a45f09a5c0e31c8b6c1e6296bbba16','1111111111111111111111111111111111111111111111111111111111111111','xuanzhi/0.1.0',1,10);
INSERT INTO "version" VALUES(3,1,'765b0dd4edaf4ddcead4acfc5fdf07cd466cf99f036ffb1f811ed9a31d92ce01','0000000000000000000000000000000000000000000000000000000000000000','xuanzhi/0.1.0',3,14);
INSERT INTO "version" VALUES(4,3,'24204233c9f275e8215a0a6e6ad503fd1b9dec0c3e7b04c424a338c136512faf','0000000000000000000000000000000000000000000000000000000000000000','xuanzhi/0.1.0',4,18);
CREATE INDEX article_pending ON article (id) WHERE pending;
CREATE INDEX capture_article ON capture (article, fetched_at);
CREATE INDEX cleaning_capture ON cleaning (capture);
CREATE INDEX event_article ON event (article);
COMMIT;
PRAGMA user_version = 1;
