def test_texts_that_name_somebody_are_what_they_are() -> None:
    devices = pd.DataFrame({"device": ["1e5", "100000", "100000.0"]})
    assert len(set(content_ids(devices, exactly=True).to_pylist())) == 3
    assert len(set(content_ids(devices).to_pylist())) == 1
