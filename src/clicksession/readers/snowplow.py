"""Snowplow's enriched events: tab-separated, without a header, without quotes."""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.base import Batch
from clicksession.readers.blocks import first_line, line_blocks
from clicksession.readers.csv import typed
from clicksession.readers.text_lines import bad_line, lines_of
from clicksession.schema import EventSchema

__all__ = ["FIELDS", "SnowplowReader"]

# In their order, which is all that names them in a file:
# https://docs.snowplow.io/docs/fundamentals/canonical-event/
_NAMES = """
    app_id platform etl_tstamp collector_tstamp dvce_created_tstamp event event_id txn_id
    name_tracker v_tracker v_collector v_etl user_id user_ipaddress user_fingerprint
    domain_userid domain_sessionidx network_userid geo_country geo_region geo_city geo_zipcode
    geo_latitude geo_longitude geo_region_name ip_isp ip_organization ip_domain ip_netspeed
    page_url page_title page_referrer page_urlscheme page_urlhost page_urlport page_urlpath
    page_urlquery page_urlfragment refr_urlscheme refr_urlhost refr_urlport refr_urlpath
    refr_urlquery refr_urlfragment refr_medium refr_source refr_term mkt_medium mkt_source
    mkt_term mkt_content mkt_campaign contexts se_category se_action se_label se_property
    se_value unstruct_event tr_orderid tr_affiliation tr_total tr_tax tr_shipping tr_city
    tr_state tr_country ti_orderid ti_sku ti_name ti_category ti_price ti_quantity
    pp_xoffset_min pp_xoffset_max pp_yoffset_min pp_yoffset_max useragent br_name br_family
    br_version br_type br_renderengine br_lang br_features_pdf br_features_flash
    br_features_java br_features_director br_features_quicktime br_features_realplayer
    br_features_windowsmedia br_features_gears br_features_silverlight br_cookies br_colordepth
    br_viewwidth br_viewheight os_name os_family os_manufacturer os_timezone dvce_type
    dvce_ismobile dvce_screenwidth dvce_screenheight doc_charset doc_width doc_height
    tr_currency tr_total_base tr_tax_base tr_shipping_base ti_currency ti_price_base
    base_currency geo_timezone mkt_clickid mkt_network etl_tags dvce_sent_tstamp
    refr_domain_userid refr_device_tstamp derived_contexts domain_sessionid derived_tstamp
    event_vendor event_name event_format event_version event_fingerprint true_tstamp
"""
FIELDS = tuple(_NAMES.split())


class SnowplowReader:
    """Reads enriched events; what stands between two tabs is a field, and an empty one is null."""

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        for block in line_blocks(first_line(stream).whole, stream):
            numbers = block.line_numbers()
            fields = pc.split_pattern(lines_of(block, source), "\t")
            counts = np.asarray(pc.list_value_length(fields))
            for row in np.flatnonzero(counts != len(FIELDS)):
                reason = f"has {counts[row]} fields and not {len(FIELDS)}"
                raise bad_line(
                    source, numbers[int(row)], reason, "\t".join(fields[int(row)].as_py())
                )
            yield Batch(_table(fields), numbers, "line")


def _table(fields: pa.ListArray) -> pa.Table:
    texts = fields.flatten()
    texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    size = len(FIELDS)
    places = np.arange(len(fields)) * size
    columns = {
        name: pa.chunked_array([texts.take(pa.array(places + number))])
        for number, name in enumerate(FIELDS)
    }
    return typed(pa.table(columns))
