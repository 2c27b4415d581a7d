CREATE TABLE public.clicksession_conversions (
    event_type text NOT NULL,
    is_counted boolean NOT NULL
);
CREATE TABLE public.clicksession_files (
    name text NOT NULL,
    size bigint NOT NULL,
    version text NOT NULL,
    row_count bigint NOT NULL,
    duplicates bigint NOT NULL,
    state text NOT NULL,
    run_id bigint NOT NULL
);
CREATE TABLE public.clicksession_runs (
    run_id bigint NOT NULL,
    written_at timestamp with time zone NOT NULL,
    library_version text NOT NULL,
    rules text NOT NULL,
    event_schema text,
    rows bigint,
    events_added bigint,
    duplicates bigint,
    refused bigint,
    events_without_session bigint,
    events_deleted bigint,
    sessions_added bigint,
    sessions_changed bigint,
    sessions_removed bigint
);
CREATE TABLE public.events (
    event_id bigint NOT NULL,
    user_id bigint,
    "timestamp" timestamp with time zone,
    event_type text,
    event_user_agent text,
    event_ip text,
    event_query text,
    event_page text,
    event_product bigint,
    session_id text
);
CREATE TABLE public.sessions (
    session_id text NOT NULL,
    user_id bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    duration_seconds double precision NOT NULL,
    event_count bigint NOT NULL,
    start_reason text NOT NULL,
    placed_order_count bigint DEFAULT '0'::bigint
)
WITH (fillfactor='90');
INSERT INTO public.clicksession_conversions VALUES ('placed_order', true);
INSERT INTO public.clicksession_files VALUES ('memory://shop/first.json', 40752, '', 148, 0, 'done', 1);
INSERT INTO public.clicksession_runs VALUES (1, '2026-11-30 03:04:01.927747+00', '0.1.0', '{"timeout": "1800000000us", "at_timeout": "same"}', '{"event_id": "id", "user_id": "event.customer-id", "timestamp": "event.timestamp", "event_type": "type", "vocabulary": {"page_view": ["page_view"], "cart": ["add_product_to_cart"], "order": ["placed_order"]}}', 148, 148, 0, 0, 32, 0, 39, 0, 0);
INSERT INTO public.events VALUES (100228, 1, '2024-05-08 16:02:39.975121+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/', NULL, '1:1715184159975121');
INSERT INTO public.events VALUES (100086, 1, '2024-05-09 03:34:01.915402+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/', NULL, '1:1715225641915402');
INSERT INTO public.events VALUES (100184, 1, '2024-05-09 03:34:33.985989+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/92', NULL, '1:1715225641915402');
INSERT INTO public.events VALUES (100066, 1, '2024-05-11 04:47:33.324583+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/', NULL, '1:1715402853324583');
INSERT INTO public.events VALUES (100024, 1, '2024-05-11 04:48:00.507516+00', 'search', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', 'tent for two', NULL, NULL, '1:1715402853324583');
INSERT INTO public.events VALUES (100138, 1, '2024-05-11 04:53:00.848234+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/298', NULL, '1:1715402853324583');
INSERT INTO public.events VALUES (100176, 1, '2024-05-11 04:57:21.731453+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/15', NULL, '1:1715402853324583');
INSERT INTO public.events VALUES (100154, 1, '2024-05-11 04:57:30.619535+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/93', NULL, '1:1715402853324583');
INSERT INTO public.events VALUES (100028, 1, '2024-05-11 04:58:14.405934+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/180', NULL, '1:1715402853324583');
INSERT INTO public.events VALUES (100252, 1, '2024-05-11 04:58:35.845369+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/122', NULL, '1:1715402853324583');
INSERT INTO public.events VALUES (100208, 1, '2024-05-11 05:01:34.149614+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/282', NULL, '1:1715402853324583');
INSERT INTO public.events VALUES (100202, 1, '2024-05-11 05:02:26.516638+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/174', NULL, '1:1715402853324583');
INSERT INTO public.events VALUES (100128, 1, '2024-05-11 05:05:50.963437+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/245', NULL, '1:1715402853324583');
INSERT INTO public.events VALUES (100226, 1, '2024-05-11 12:34:12.216923+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/', NULL, '1:1715430852216923');
INSERT INTO public.events VALUES (100078, 1, '2024-05-11 12:34:53.724323+00', 'add_product_to_cart', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, NULL, 305, '1:1715430852216923');
INSERT INTO public.events VALUES (100178, 1, '2024-05-27 09:19:35.726513+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/', NULL, '1:1716801575726513');
INSERT INTO public.events VALUES (100198, 1, '2024-05-27 09:19:51.343647+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/279', NULL, '1:1716801575726513');
INSERT INTO public.events VALUES (100026, 1, '2024-05-27 09:22:25.104307+00', 'search', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', 'running shoes', NULL, NULL, '1:1716801575726513');
INSERT INTO public.events VALUES (100006, 1, '2024-05-27 09:22:43.974675+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/86', NULL, '1:1716801575726513');
INSERT INTO public.events VALUES (100018, 1, '2024-05-27 09:23:35.942996+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/354', NULL, '1:1716801575726513');
INSERT INTO public.events VALUES (100076, 1, '2024-05-27 09:24:52.053441+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/247', NULL, '1:1716801575726513');
INSERT INTO public.events VALUES (100248, 1, '2024-05-27 09:25:58.473876+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/91', NULL, '1:1716801575726513');
INSERT INTO public.events VALUES (100058, 2, '2024-05-03 19:02:24.301609+00', 'add_product_to_cart', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', NULL, NULL, 83, '2:1714762944301609');
INSERT INTO public.events VALUES (100146, 2, '2024-05-04 20:53:31.750583+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', NULL, 'https://webshop.example/', NULL, '2:1714856011750583');
INSERT INTO public.events VALUES (100274, 2, '2024-05-04 20:54:33.079246+00', 'search', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', 'rain jacket', NULL, NULL, '2:1714856011750583');
INSERT INTO public.events VALUES (100172, 2, '2024-05-04 20:55:12.961501+00', 'search', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', 'running shoes', NULL, NULL, '2:1714856011750583');
INSERT INTO public.events VALUES (100244, 2, '2024-05-19 13:56:24.520156+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', NULL, 'https://webshop.example/', NULL, '2:1716126984520156');
INSERT INTO public.events VALUES (100094, 2, '2024-05-19 13:57:27.046851+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', NULL, 'https://webshop.example/products/331', NULL, '2:1716126984520156');
INSERT INTO public.events VALUES (100036, 2, '2024-05-19 14:00:51.470362+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', NULL, 'https://webshop.example/products/23', NULL, '2:1716126984520156');
INSERT INTO public.events VALUES (100156, 2, '2024-05-19 14:01:52.82581+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', NULL, 'https://webshop.example/products/320', NULL, '2:1716126984520156');
INSERT INTO public.events VALUES (100050, 3, '2024-05-08 09:03:32.90406+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.94', NULL, 'https://webshop.example/', NULL, '3:1715159012904060');
INSERT INTO public.events VALUES (100112, 3, '2024-05-08 09:04:05.002679+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.94', NULL, 'https://webshop.example/products/357', NULL, '3:1715159012904060');
INSERT INTO public.events VALUES (100232, 3, '2024-05-08 09:04:30.335741+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.94', NULL, 'https://webshop.example/products/361', NULL, '3:1715159012904060');
INSERT INTO public.events VALUES (100038, 3, '2024-05-11 02:54:34.286364+00', 'add_product_to_cart', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.94', NULL, NULL, 23, '3:1715396074286364');
INSERT INTO public.events VALUES (100126, 3, '2024-05-11 02:55:42.828058+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.94', NULL, 'https://webshop.example/cart', NULL, '3:1715396074286364');
INSERT INTO public.events VALUES (100100, 3, '2024-05-26 19:06:55.058671+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.94', NULL, 'https://webshop.example/', NULL, '3:1716750415058671');
INSERT INTO public.events VALUES (100044, 3, '2024-05-26 19:09:41.165807+00', 'add_product_to_cart', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.94', NULL, NULL, 277, '3:1716750415058671');
INSERT INTO public.events VALUES (100132, 3, '2024-05-26 19:12:13.942898+00', 'placed_order', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.94', NULL, NULL, NULL, '3:1716750415058671');
INSERT INTO public.events VALUES (100068, 3, '2024-05-27 04:48:53.063704+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.94', NULL, 'https://webshop.example/', NULL, '3:1716785333063704');
INSERT INTO public.events VALUES (100242, 4, '2024-05-08 21:07:58.583253+00', 'page_view', 'Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0', '203.0.113.69', NULL, 'https://webshop.example/', NULL, '4:1715202478583253');
INSERT INTO public.events VALUES (100098, 4, '2024-05-08 21:11:38.027776+00', 'search', 'Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0', '203.0.113.69', 'gift card', NULL, NULL, '4:1715202478583253');
INSERT INTO public.events VALUES (100052, 4, '2024-05-20 20:44:30.210882+00', 'search', 'Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0', '203.0.113.69', 'tent for two', NULL, NULL, '4:1716237870210882');
INSERT INTO public.events VALUES (100246, 4, '2024-05-20 20:45:05.216002+00', 'page_view', 'Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0', '203.0.113.69', NULL, 'https://webshop.example/products/88', NULL, '4:1716237870210882');
INSERT INTO public.events VALUES (100108, 4, '2024-05-20 20:46:05.600462+00', 'search', 'Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0', '203.0.113.69', 'rain jacket', NULL, NULL, '4:1716237870210882');
INSERT INTO public.events VALUES (100276, 4, '2024-05-20 20:48:08.870521+00', 'search', 'Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0', '203.0.113.69', 'running shoes', NULL, NULL, '4:1716237870210882');
INSERT INTO public.events VALUES (100186, 6, '2024-05-01 03:26:34.614181+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.145', NULL, 'https://webshop.example/', NULL, '6:1714533994614181');
INSERT INTO public.events VALUES (100144, 6, '2024-05-06 07:52:12.965052+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.145', NULL, 'https://webshop.example/', NULL, '6:1714981932965052');
INSERT INTO public.events VALUES (100088, 6, '2024-05-06 07:53:23.08665+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.145', NULL, 'https://webshop.example/products/32', NULL, '6:1714981932965052');
INSERT INTO public.events VALUES (100054, 6, '2024-05-06 07:54:11.73461+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.145', NULL, 'https://webshop.example/products/245', NULL, '6:1714981932965052');
INSERT INTO public.events VALUES (100258, 6, '2024-05-06 07:55:12.037999+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.145', NULL, 'https://webshop.example/products/189', NULL, '6:1714981932965052');
INSERT INTO public.events VALUES (100256, 6, '2024-05-19 12:12:11.816953+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.145', NULL, 'https://webshop.example/', NULL, '6:1716120731816953');
INSERT INTO public.events VALUES (100134, 6, '2024-05-19 15:41:00.501584+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.145', NULL, 'https://webshop.example/', NULL, '6:1716133260501584');
INSERT INTO public.events VALUES (100140, 6, '2024-05-23 20:41:54.88347+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.145', NULL, 'https://webshop.example/products/321', NULL, '6:1716496914883470');
INSERT INTO public.events VALUES (100004, 6, '2024-05-23 20:42:03.98058+00', 'search', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.145', 'tent for two', NULL, NULL, '6:1716496914883470');
INSERT INTO public.events VALUES (100120, 6, '2024-05-23 20:42:29.071186+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.145', NULL, 'https://webshop.example/products/381', NULL, '6:1716496914883470');
INSERT INTO public.events VALUES (100152, 6, '2024-05-23 20:50:43.019267+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.145', NULL, 'https://webshop.example/products/73', NULL, '6:1716496914883470');
INSERT INTO public.events VALUES (100148, 6, '2024-05-23 20:51:50.599856+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.145', NULL, 'https://webshop.example/products/33', NULL, '6:1716496914883470');
INSERT INTO public.events VALUES (100074, 7, '2024-05-05 08:26:35.080755+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/', NULL, '7:1714897595080755');
INSERT INTO public.events VALUES (100280, 7, '2024-05-05 08:26:53.390873+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/46', NULL, '7:1714897595080755');
INSERT INTO public.events VALUES (100122, 7, '2024-05-05 08:28:00.898011+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/203', NULL, '7:1714897595080755');
INSERT INTO public.events VALUES (100096, 7, '2024-05-05 08:28:19.488448+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/352', NULL, '7:1714897595080755');
INSERT INTO public.events VALUES (100214, 7, '2024-05-05 08:29:02.828903+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/9', NULL, '7:1714897595080755');
INSERT INTO public.events VALUES (100022, 7, '2024-05-05 08:32:54.335273+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/60', NULL, '7:1714897595080755');
INSERT INTO public.events VALUES (100106, 7, '2024-05-05 08:33:57.075455+00', 'search', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', 'tent for two', NULL, NULL, '7:1714897595080755');
INSERT INTO public.events VALUES (100204, 7, '2024-05-05 08:37:37.992648+00', 'search', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', 'gift card', NULL, NULL, '7:1714897595080755');
INSERT INTO public.events VALUES (100294, 7, '2024-05-13 02:32:16.996269+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/', NULL, '7:1715567536996269');
INSERT INTO public.events VALUES (100264, 7, '2024-05-13 09:32:22.458131+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/36', NULL, '7:1715592742458131');
INSERT INTO public.events VALUES (100136, 7, '2024-05-13 09:32:40.919128+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/233', NULL, '7:1715592742458131');
INSERT INTO public.events VALUES (100116, 7, '2024-05-14 02:36:04.735766+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/', NULL, '7:1715654164735766');
INSERT INTO public.events VALUES (100284, 7, '2024-05-14 02:40:22.66446+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/47', NULL, '7:1715654164735766');
INSERT INTO public.events VALUES (100180, 7, '2024-05-19 15:53:32.714167+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/', NULL, '7:1716134012714167');
INSERT INTO public.events VALUES (100224, 7, '2024-05-19 15:53:48.619244+00', 'search', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', 'head lamp', NULL, NULL, '7:1716134012714167');
INSERT INTO public.events VALUES (100064, 7, '2024-05-24 17:01:44.210901+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/', NULL, '7:1716570104210901');
INSERT INTO public.events VALUES (100268, 7, '2024-05-24 17:02:57.105104+00', 'search', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', 'rain jacket', NULL, NULL, '7:1716570104210901');
INSERT INTO public.events VALUES (100102, 7, '2024-05-26 02:21:14.354197+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/14', NULL, '7:1716690074354197');
INSERT INTO public.events VALUES (100040, 7, '2024-05-26 02:26:04.627601+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/349', NULL, '7:1716690074354197');
INSERT INTO public.events VALUES (100200, 7, '2024-05-26 09:08:21.099678+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/72', NULL, '7:1716714501099678');
INSERT INTO public.events VALUES (100192, 7, '2024-05-26 09:08:42.993658+00', 'search', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', 'running shoes', NULL, NULL, '7:1716714501099678');
INSERT INTO public.events VALUES (100190, 7, '2024-05-26 09:10:28.676776+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/313', NULL, '7:1716714501099678');
INSERT INTO public.events VALUES (100158, 7, '2024-05-26 09:10:47.147023+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/123', NULL, '7:1716714501099678');
INSERT INTO public.events VALUES (100216, 7, '2024-05-26 09:10:55.759898+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/11', NULL, '7:1716714501099678');
INSERT INTO public.events VALUES (100046, 8, '2024-05-04 05:09:36.722448+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.98', NULL, 'https://webshop.example/products/224', NULL, '8:1714799376722448');
INSERT INTO public.events VALUES (100072, 8, '2024-05-04 05:09:49.617493+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.98', NULL, 'https://webshop.example/products/220', NULL, '8:1714799376722448');
INSERT INTO public.events VALUES (100166, 8, '2024-05-04 05:10:49.520013+00', 'search', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.98', 'gift card', NULL, NULL, '8:1714799376722448');
INSERT INTO public.events VALUES (100290, 8, '2024-05-04 05:11:00.852869+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.98', NULL, 'https://webshop.example/products/329', NULL, '8:1714799376722448');
INSERT INTO public.events VALUES (100002, 8, '2024-05-04 05:11:36.521684+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.98', NULL, 'https://webshop.example/products/294', NULL, '8:1714799376722448');
INSERT INTO public.events VALUES (100170, 8, '2024-05-04 05:15:45.946129+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.98', NULL, 'https://webshop.example/products/84', NULL, '8:1714799376722448');
INSERT INTO public.events VALUES (100250, 8, '2024-05-04 05:19:54.422753+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.98', NULL, 'https://webshop.example/products/251', NULL, '8:1714799376722448');
INSERT INTO public.events VALUES (100042, 8, '2024-05-04 05:23:17.262289+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.98', NULL, 'https://webshop.example/products/310', NULL, '8:1714799376722448');
INSERT INTO public.events VALUES (100142, 8, '2024-05-04 05:23:19.770326+00', 'search', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.98', 'head lamp', NULL, NULL, '8:1714799376722448');
INSERT INTO public.events VALUES (100010, 8, '2024-05-04 05:26:10.888224+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.98', NULL, 'https://webshop.example/products/1', NULL, '8:1714799376722448');
INSERT INTO public.events VALUES (100150, 9, '2024-05-11 10:46:42.090374+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.170', NULL, 'https://webshop.example/', NULL, '9:1715424402090374');
INSERT INTO public.events VALUES (100240, 9, '2024-05-11 10:46:59.871391+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.170', NULL, 'https://webshop.example/products/205', NULL, '9:1715424402090374');
INSERT INTO public.events VALUES (100092, 9, '2024-05-11 11:13:06.915377+00', 'add_product_to_cart', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.170', NULL, NULL, 121, '9:1715424402090374');
INSERT INTO public.events VALUES (100206, 9, '2024-05-17 13:27:28.825714+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.170', NULL, 'https://webshop.example/', NULL, '9:1715952448825714');
INSERT INTO public.events VALUES (100230, 9, '2024-05-17 13:27:44.606161+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.170', NULL, 'https://webshop.example/products/353', NULL, '9:1715952448825714');
INSERT INTO public.events VALUES (100000, 9, '2024-05-17 13:29:52.89799+00', 'search', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.170', 'head lamp', NULL, NULL, '9:1715952448825714');
INSERT INTO public.events VALUES (100262, 9, '2024-05-22 05:07:50.952425+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.170', NULL, 'https://webshop.example/cart', NULL, '9:1716354470952425');
INSERT INTO public.events VALUES (100254, 10, '2024-05-22 11:44:39.96094+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.20', NULL, 'https://webshop.example/products/258', NULL, '10:1716378279960940');
INSERT INTO public.events VALUES (100090, 10, '2024-05-22 11:45:21.249561+00', 'add_product_to_cart', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.20', NULL, NULL, 30, '10:1716378279960940');
INSERT INTO public.events VALUES (100182, 11, '2024-05-08 11:13:14.434276+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.177', NULL, 'https://webshop.example/', NULL, '11:1715166794434276');
INSERT INTO public.events VALUES (100272, 11, '2024-05-08 11:13:27.973583+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.177', NULL, 'https://webshop.example/products/338', NULL, '11:1715166794434276');
INSERT INTO public.events VALUES (100060, 11, '2024-05-08 11:17:51.260193+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.177', NULL, 'https://webshop.example/products/377', NULL, '11:1715166794434276');
INSERT INTO public.events VALUES (100278, 12, '2024-05-02 08:08:44.257012+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.184', NULL, 'https://webshop.example/products/119', NULL, '12:1714637324257012');
INSERT INTO public.events VALUES (100084, 12, '2024-05-02 08:08:51.185216+00', 'add_product_to_cart', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.184', NULL, NULL, 171, '12:1714637324257012');
INSERT INTO public.events VALUES (100194, 12, '2024-05-02 08:09:41.472643+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.184', NULL, 'https://webshop.example/cart', NULL, '12:1714637324257012');
INSERT INTO public.events VALUES (100056, 12, '2024-05-04 16:30:22.945229+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.184', NULL, 'https://webshop.example/products/309', NULL, '12:1714840222945229');
INSERT INTO public.events VALUES (100034, 12, '2024-05-06 09:05:44.124159+00', 'search', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.184', 'gift card', NULL, NULL, '12:1714986344124159');
INSERT INTO public.events VALUES (100266, 12, '2024-05-13 15:22:12.657909+00', 'add_product_to_cart', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.184', NULL, NULL, 167, '12:1715613732657909');
INSERT INTO public.events VALUES (100008, 12, '2024-05-13 15:22:43.198747+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.184', NULL, 'https://webshop.example/cart', NULL, '12:1715613732657909');
INSERT INTO public.events VALUES (100286, 12, '2024-05-13 15:22:55.18005+00', 'placed_order', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.184', NULL, NULL, NULL, '12:1715613732657909');
INSERT INTO public.events VALUES (100168, 12, '2024-05-14 21:40:11.825944+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.184', NULL, 'https://webshop.example/', NULL, '12:1715722811825944');
INSERT INTO public.events VALUES (100012, 12, '2024-05-14 21:44:53.929865+00', 'add_product_to_cart', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.184', NULL, NULL, 262, '12:1715722811825944');
INSERT INTO public.events VALUES (100196, 12, '2024-05-26 15:33:32.160856+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.184', NULL, 'https://webshop.example/', NULL, '12:1716737612160856');
INSERT INTO public.events VALUES (100130, 12, '2024-05-26 15:34:46.411643+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.184', NULL, 'https://webshop.example/products/294', NULL, '12:1716737612160856');
INSERT INTO public.events VALUES (100020, 12, '2024-05-26 15:35:15.504886+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.184', NULL, 'https://webshop.example/cart', NULL, '12:1716737612160856');
INSERT INTO public.events VALUES (100014, NULL, '2024-05-18 09:46:24.276447+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/', NULL, NULL);
INSERT INTO public.events VALUES (100016, NULL, '2024-05-04 11:54:03.386056+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', NULL, 'https://webshop.example/products/315', NULL, NULL);
INSERT INTO public.events VALUES (100030, NULL, '2024-05-02 07:25:08.070511+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/76', NULL, NULL);
INSERT INTO public.events VALUES (100032, NULL, '2024-05-08 14:59:43.32957+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/340', NULL, NULL);
INSERT INTO public.events VALUES (100048, NULL, '2024-05-14 22:28:41.717159+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.94', NULL, 'https://webshop.example/products/314', NULL, NULL);
INSERT INTO public.events VALUES (100062, NULL, '2024-05-12 18:37:50.861086+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.94', NULL, 'https://webshop.example/products/335', NULL, NULL);
INSERT INTO public.events VALUES (100070, NULL, '2024-05-08 15:00:37.411593+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/243', NULL, NULL);
INSERT INTO public.events VALUES (100080, NULL, '2024-05-08 03:40:04.011723+00', 'placed_order', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.94', NULL, NULL, NULL, NULL);
INSERT INTO public.events VALUES (100082, NULL, '2024-05-08 14:59:32.676503+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/', NULL, NULL);
INSERT INTO public.events VALUES (100104, NULL, '2024-05-04 00:31:16.046717+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/', NULL, NULL);
INSERT INTO public.events VALUES (100110, NULL, '2024-05-02 07:31:15.082905+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/31', NULL, NULL);
INSERT INTO public.events VALUES (100114, NULL, '2024-05-27 14:43:40.737519+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.53', NULL, 'https://webshop.example/', NULL, NULL);
INSERT INTO public.events VALUES (100118, NULL, '2024-05-19 23:37:26.106702+00', 'page_view', 'Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0', '203.0.113.69', NULL, 'https://webshop.example/products/214', NULL, NULL);
INSERT INTO public.events VALUES (100124, NULL, '2024-05-04 11:52:28.049039+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', NULL, 'https://webshop.example/products/166', NULL, NULL);
INSERT INTO public.events VALUES (100160, NULL, '2024-05-26 04:51:47.77943+00', 'page_view', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36', '203.0.113.177', NULL, 'https://webshop.example/', NULL, NULL);
INSERT INTO public.events VALUES (100162, NULL, '2024-05-25 18:59:19.950692+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/21', NULL, NULL);
INSERT INTO public.events VALUES (100164, NULL, '2024-05-04 11:51:35.901463+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', NULL, 'https://webshop.example/', NULL, NULL);
INSERT INTO public.events VALUES (100174, NULL, '2024-05-02 07:30:42.409593+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/67', NULL, NULL);
INSERT INTO public.events VALUES (100188, NULL, '2024-05-18 09:47:35.466882+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/243', NULL, NULL);
INSERT INTO public.events VALUES (100210, NULL, '2024-05-08 01:41:28.50539+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', NULL, 'https://webshop.example/products/2', NULL, NULL);
INSERT INTO public.events VALUES (100212, NULL, '2024-05-25 18:53:56.96603+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/360', NULL, NULL);
INSERT INTO public.events VALUES (100218, NULL, '2024-05-08 15:00:10.321722+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/354', NULL, NULL);
INSERT INTO public.events VALUES (100220, NULL, '2024-05-02 07:25:54.371738+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/91', NULL, NULL);
INSERT INTO public.events VALUES (100222, NULL, '2024-05-08 15:01:23.432779+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/238', NULL, NULL);
INSERT INTO public.events VALUES (100234, NULL, '2024-05-18 09:49:02.76595+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/80', NULL, NULL);
INSERT INTO public.events VALUES (100236, NULL, '2024-05-25 18:54:08.791744+00', 'search', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', 'rain jacket', NULL, NULL, NULL);
INSERT INTO public.events VALUES (100238, NULL, '2024-05-18 09:50:19.340825+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/244', NULL, NULL);
INSERT INTO public.events VALUES (100260, NULL, '2024-05-02 07:24:05.379555+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.66', NULL, 'https://webshop.example/products/177', NULL, NULL);
INSERT INTO public.events VALUES (100270, NULL, '2024-05-08 01:37:41.595398+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', NULL, 'https://webshop.example/', NULL, NULL);
INSERT INTO public.events VALUES (100282, NULL, '2024-05-04 12:07:58.357015+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', NULL, 'https://webshop.example/cart', NULL, NULL);
INSERT INTO public.events VALUES (100288, NULL, '2024-05-08 01:42:50.478984+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.209', NULL, 'https://webshop.example/products/242', NULL, NULL);
INSERT INTO public.events VALUES (100292, NULL, '2024-05-25 18:53:35.02204+00', 'page_view', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4', '203.0.113.106', NULL, 'https://webshop.example/products/321', NULL, NULL);
INSERT INTO public.sessions VALUES ('1:1715184159975121', 1, '2024-05-08 16:02:39.975121+00', '2024-05-08 16:02:39.975121+00', 0, 1, 'first', 0);
INSERT INTO public.sessions VALUES ('1:1715225641915402', 1, '2024-05-09 03:34:01.915402+00', '2024-05-09 03:34:33.985989+00', 32.070587, 2, 'timeout', 0);
INSERT INTO public.sessions VALUES ('1:1715402853324583', 1, '2024-05-11 04:47:33.324583+00', '2024-05-11 05:05:50.963437+00', 1097.638854, 10, 'timeout', 0);
INSERT INTO public.sessions VALUES ('1:1715430852216923', 1, '2024-05-11 12:34:12.216923+00', '2024-05-11 12:34:53.724323+00', 41.5074, 2, 'timeout', 0);
INSERT INTO public.sessions VALUES ('1:1716801575726513', 1, '2024-05-27 09:19:35.726513+00', '2024-05-27 09:25:58.473876+00', 382.747363, 7, 'timeout', 0);
INSERT INTO public.sessions VALUES ('2:1714762944301609', 2, '2024-05-03 19:02:24.301609+00', '2024-05-03 19:02:24.301609+00', 0, 1, 'first', 0);
INSERT INTO public.sessions VALUES ('2:1714856011750583', 2, '2024-05-04 20:53:31.750583+00', '2024-05-04 20:55:12.961501+00', 101.210918, 3, 'timeout', 0);
INSERT INTO public.sessions VALUES ('2:1716126984520156', 2, '2024-05-19 13:56:24.520156+00', '2024-05-19 14:01:52.82581+00', 328.305654, 4, 'timeout', 0);
INSERT INTO public.sessions VALUES ('3:1715159012904060', 3, '2024-05-08 09:03:32.90406+00', '2024-05-08 09:04:30.335741+00', 57.431681, 3, 'first', 0);
INSERT INTO public.sessions VALUES ('3:1715396074286364', 3, '2024-05-11 02:54:34.286364+00', '2024-05-11 02:55:42.828058+00', 68.541694, 2, 'timeout', 0);
INSERT INTO public.sessions VALUES ('3:1716750415058671', 3, '2024-05-26 19:06:55.058671+00', '2024-05-26 19:12:13.942898+00', 318.884227, 3, 'timeout', 1);
INSERT INTO public.sessions VALUES ('3:1716785333063704', 3, '2024-05-27 04:48:53.063704+00', '2024-05-27 04:48:53.063704+00', 0, 1, 'timeout', 0);
INSERT INTO public.sessions VALUES ('4:1715202478583253', 4, '2024-05-08 21:07:58.583253+00', '2024-05-08 21:11:38.027776+00', 219.444523, 2, 'first', 0);
INSERT INTO public.sessions VALUES ('4:1716237870210882', 4, '2024-05-20 20:44:30.210882+00', '2024-05-20 20:48:08.870521+00', 218.659639, 4, 'timeout', 0);
INSERT INTO public.sessions VALUES ('6:1714533994614181', 6, '2024-05-01 03:26:34.614181+00', '2024-05-01 03:26:34.614181+00', 0, 1, 'first', 0);
INSERT INTO public.sessions VALUES ('6:1714981932965052', 6, '2024-05-06 07:52:12.965052+00', '2024-05-06 07:55:12.037999+00', 179.072947, 4, 'timeout', 0);
INSERT INTO public.sessions VALUES ('6:1716120731816953', 6, '2024-05-19 12:12:11.816953+00', '2024-05-19 12:12:11.816953+00', 0, 1, 'timeout', 0);
INSERT INTO public.sessions VALUES ('6:1716133260501584', 6, '2024-05-19 15:41:00.501584+00', '2024-05-19 15:41:00.501584+00', 0, 1, 'timeout', 0);
INSERT INTO public.sessions VALUES ('6:1716496914883470', 6, '2024-05-23 20:41:54.88347+00', '2024-05-23 20:51:50.599856+00', 595.716386, 5, 'timeout', 0);
INSERT INTO public.sessions VALUES ('7:1714897595080755', 7, '2024-05-05 08:26:35.080755+00', '2024-05-05 08:37:37.992648+00', 662.911893, 8, 'first', 0);
INSERT INTO public.sessions VALUES ('7:1715567536996269', 7, '2024-05-13 02:32:16.996269+00', '2024-05-13 02:32:16.996269+00', 0, 1, 'timeout', 0);
INSERT INTO public.sessions VALUES ('7:1715592742458131', 7, '2024-05-13 09:32:22.458131+00', '2024-05-13 09:32:40.919128+00', 18.460997, 2, 'timeout', 0);
INSERT INTO public.sessions VALUES ('7:1715654164735766', 7, '2024-05-14 02:36:04.735766+00', '2024-05-14 02:40:22.66446+00', 257.928694, 2, 'timeout', 0);
INSERT INTO public.sessions VALUES ('7:1716134012714167', 7, '2024-05-19 15:53:32.714167+00', '2024-05-19 15:53:48.619244+00', 15.905077, 2, 'timeout', 0);
INSERT INTO public.sessions VALUES ('7:1716570104210901', 7, '2024-05-24 17:01:44.210901+00', '2024-05-24 17:02:57.105104+00', 72.894203, 2, 'timeout', 0);
INSERT INTO public.sessions VALUES ('7:1716690074354197', 7, '2024-05-26 02:21:14.354197+00', '2024-05-26 02:26:04.627601+00', 290.273404, 2, 'timeout', 0);
INSERT INTO public.sessions VALUES ('7:1716714501099678', 7, '2024-05-26 09:08:21.099678+00', '2024-05-26 09:10:55.759898+00', 154.66022, 5, 'timeout', 0);
INSERT INTO public.sessions VALUES ('8:1714799376722448', 8, '2024-05-04 05:09:36.722448+00', '2024-05-04 05:26:10.888224+00', 994.165776, 10, 'first', 0);
INSERT INTO public.sessions VALUES ('9:1715424402090374', 9, '2024-05-11 10:46:42.090374+00', '2024-05-11 11:13:06.915377+00', 1584.825003, 3, 'first', 0);
INSERT INTO public.sessions VALUES ('9:1715952448825714', 9, '2024-05-17 13:27:28.825714+00', '2024-05-17 13:29:52.89799+00', 144.072276, 3, 'timeout', 0);
INSERT INTO public.sessions VALUES ('9:1716354470952425', 9, '2024-05-22 05:07:50.952425+00', '2024-05-22 05:07:50.952425+00', 0, 1, 'timeout', 0);
INSERT INTO public.sessions VALUES ('10:1716378279960940', 10, '2024-05-22 11:44:39.96094+00', '2024-05-22 11:45:21.249561+00', 41.288621, 2, 'first', 0);
INSERT INTO public.sessions VALUES ('11:1715166794434276', 11, '2024-05-08 11:13:14.434276+00', '2024-05-08 11:17:51.260193+00', 276.825917, 3, 'first', 0);
INSERT INTO public.sessions VALUES ('12:1714637324257012', 12, '2024-05-02 08:08:44.257012+00', '2024-05-02 08:09:41.472643+00', 57.215631, 3, 'first', 0);
INSERT INTO public.sessions VALUES ('12:1714840222945229', 12, '2024-05-04 16:30:22.945229+00', '2024-05-04 16:30:22.945229+00', 0, 1, 'timeout', 0);
INSERT INTO public.sessions VALUES ('12:1714986344124159', 12, '2024-05-06 09:05:44.124159+00', '2024-05-06 09:05:44.124159+00', 0, 1, 'timeout', 0);
INSERT INTO public.sessions VALUES ('12:1715613732657909', 12, '2024-05-13 15:22:12.657909+00', '2024-05-13 15:22:55.18005+00', 42.522141, 3, 'timeout', 1);
INSERT INTO public.sessions VALUES ('12:1715722811825944', 12, '2024-05-14 21:40:11.825944+00', '2024-05-14 21:44:53.929865+00', 282.103921, 2, 'timeout', 0);
INSERT INTO public.sessions VALUES ('12:1716737612160856', 12, '2024-05-26 15:33:32.160856+00', '2024-05-26 15:35:15.504886+00', 103.34403, 3, 'timeout', 0);
CREATE UNIQUE INDEX events_event_id ON public.events USING btree (event_id);
CREATE INDEX events_user_id ON public.events USING btree (user_id);
CREATE INDEX sessions_placed_order_count ON public.sessions USING btree (user_id) WHERE (placed_order_count > 0);
CREATE UNIQUE INDEX sessions_session_id ON public.sessions USING btree (session_id);
CREATE INDEX sessions_user_start ON public.sessions USING btree (user_id, started_at);
